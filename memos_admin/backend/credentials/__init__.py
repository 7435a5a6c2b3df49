"""Where a project's key comes from, and where it is kept.

Sources in order: the keyring, ``MEMOS_API_KEY``, ``key_command``, a prompt for this run. A key is
used only if its fingerprint is one of the project's (or the project knows none yet), and a key of
the keyring only for the origin that it was stored for. Never a file of ours, never an argument.
The errors are those of `memos_admin.backend.keys`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Literal

from memos_admin.backend import daemon, journal
from memos_admin.backend.credentials.key_command import run_key_command
from memos_admin.backend.credentials.keyring_entry import (
    SERVICE,
    Entry,
    OsKeyring,
    or_otherwise,
    store_entry,
    without_advice,
)
from memos_admin.backend.keys import (
    BadKey,
    CredentialsError,
    ForeignKey,
    KeyBoundElsewhere,
    KeyCommandFailed,
    KeyInAddress,
    KeyringError,
    KeyringFailed,
    KeyringForgot,
    KeyringInsecure,
    KeyringLocked,
    KeyringTimeout,
    NoKey,
    NoKeyring,
    NoProject,
    check_key,
    unusual,
)
from memos_admin.backend.private_files import HomeError
from memos_admin.backend.projects import Projects, environment
from memos_admin.backend.projects.project import Project
from memos_admin.backend.upkeep import backups
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import BadAddress, check_base_url, origin
from memos_admin.language import gettext as _
from memos_admin.language import sentences

__all__ = [
    "BadKey",
    "CredentialsError",
    "ForeignKey",
    "FoundKey",
    "KeyBoundElsewhere",
    "KeyCommandFailed",
    "KeyInAddress",
    "KeyState",
    "KeyringError",
    "KeyringFailed",
    "KeyringForgot",
    "KeyringInsecure",
    "KeyringLocked",
    "KeyringTimeout",
    "NoKey",
    "NoKeyring",
    "NoProject",
    "OsKeyring",
    "Removed",
    "check_key",
    "delete_key",
    "find_key",
    "find_key_async",
    "key_state",
    "remove_project",
    "set_key",
    "store_key",
    "typed_key",
    "unusual",
]

Prompt = Callable[[], str]
_KEYRING = OsKeyring()


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, and which source had it."""

    key: ApiKey
    source: Literal["keyring", "environment", "key_command", "prompt"]


@dataclass(frozen=True, slots=True)
class KeyState:
    """Where a project's key would come from.

    Attributes:
        source: None: from nowhere, unless a person types it.
        error: why there is none, where more is to be said than that.
        unusable: why the keyring could not be asked; None: it was, or need not be.
    """

    source: Literal["keyring", "environment", "key_command"] | None
    error: CredentialsError | BadAddress | None = None
    unusable: KeyringError | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """A project that is no more.

    Attributes:
        key_left: why its key could not be deleted from the keyring; None if it is not there.
        backups: of its store, that are still there.
        store_key: one of its store is in the keyring, and was left there: a copy of the home has the
            same entry, and nobody knows here of all copies and backups that need it. None: its store was
            encrypted with one, and the keyring could not be asked.
    """

    project: Project
    key_left: KeyringError | None
    backups: tuple[Path, ...] = ()
    store_key: bool | None = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of what is left, in sentences."""
        notes = []
        if self.key_left is not None:
            if isinstance(self.key_left, NoKeyring):
                notes.append(_("There is no keyring here, so no key was deleted from one."))
                where = _(
                    "If its key was kept in a keyring (of your desktop, say), it is still there: "
                    "service {service}, user {user}."
                )
            else:
                why = without_advice(self.key_left)
                notes.append(sentences(_("The keyring did not delete its key."), why))
                where = _(
                    "Its key may still be there; delete it there yourself: service {service}, user {user}."
                )
            notes.append(where.format(service=SERVICE, user=self.project.uuid))
        if self.project.key_command is not None:
            notes.append(_("What its key_command prints is kept elsewhere and was not touched."))
        if self.backups:
            left = _("Backups of it are still there; delete them yourself: {paths}")
            notes.append(left.format(paths=", ".join(map(str, self.backups))))
        if self.store_key is None:
            kept = _(
                "The key that its store was encrypted with may be in that keyring too, and stays there, since "
                "copies of the folder of memos-admin and backups may need it: service {service}, user {user}."
            )
            notes.append(kept.format(service=SERVICE, user=store_entry(self.project.uuid)))
        elif self.store_key:
            kept = _(
                "The key that its store was encrypted with was left in the keyring, since copies of the "
                "folder of memos-admin and backups may need it: service {service}, user {user}."
            )
            notes.append(kept.format(service=SERVICE, user=store_entry(self.project.uuid)))
        return tuple(notes)


def find_key(
    project: Project,
    env: Mapping[str, str],
    prompt: Prompt | None = None,
    *,
    keyring: OsKeyring = _KEYRING,
) -> FoundKey:
    """Return the project's key from the first source that has it.

    Blocks: a keyring that waits to be unlocked takes up to its time limit, a ``key_command`` too.
    The next source is asked where the keyring cannot be used, or where ``MEMOS_API_KEY`` holds
    another project's key; if none has a key then, that first problem is raised.

    Args:
        project: which; an unnamed one has the environment only.
        env: the environment.
        prompt: asks a person and returns what was typed; None where nobody can be asked.
        keyring: the keyring to ask.

    Raises:
        CredentialsError: no source has a key that may be used; its kind says why.
        BadAddress: the environment's address cannot be used.
    """
    if project.name is None:
        return FoundKey(_checked(project, _unnamed_key(env), "MEMOS_API_KEY"), "environment")
    try:
        entry, unusable = keyring.read(project.uuid), None
    except KeyringError as error:
        entry, unusable = None, error.with_traceback(None)
    if entry is not None:
        return FoundKey(_checked(project, _bound(project, entry), _("The keyring")), "keyring")
    try:
        given, foreign = _environment_key(project, env), None
    except ForeignKey as error:
        given, foreign = None, error.with_traceback(None)
    if given is not None:
        return FoundKey(given, "environment")
    if project.key_command is not None:
        key = run_key_command(project.key_command, env)
        return FoundKey(_checked(project, key, "key_command"), "key_command")
    if foreign is not None:
        raise foreign
    if prompt is not None:
        return typed_key(project, prompt())
    if unusable is not None:
        raise unusable
    raise NoKey(
        or_otherwise(
            _(
                "There is no key for {project}. Store it with: memos-admin projects set-key {name}."
            ).format(project=project.title, name=quote(project.title))
        )
    )


async def find_key_async(
    project: Project, env: Mapping[str, str], prompt: Prompt | None = None
) -> FoundKey:
    """Return what `find_key` returns, without blocking the loop or the end of the program."""
    return await daemon.in_background(lambda: find_key(project, env, prompt))


def typed_key(project: Project, text: str) -> FoundKey:
    """Return the key that a person typed, for this run, if it may be used for the project.

    Raises:
        BadKey: it cannot be a key.
        ForeignKey: the project knows other keys only.
    """
    key = check_key(text, _("What was typed"))
    return FoundKey(_checked(project, key, _("What was typed")), "prompt")


def key_state(
    project: Project,
    env: Mapping[str, str],
    *,
    keyring: OsKeyring = _KEYRING,
    unusable: KeyringError | None = None,
) -> KeyState:
    """Return where `find_key` would find a key, without running ``key_command`` or asking a person.

    Blocks as `find_key` does.

    Args:
        project: which.
        env: the environment.
        keyring: the keyring to ask.
        unusable: why it cannot be asked, where that is known: it is not asked again then.
    """
    try:
        if project.name is None:
            _checked(project, _unnamed_key(env), "MEMOS_API_KEY")
            return KeyState("environment")
        entry = None
        if unusable is None:
            try:
                entry = keyring.read(project.uuid)
            except KeyringError as error:
                unusable = error.with_traceback(None)
        if entry is not None:
            _checked(project, _bound(project, entry), _("The keyring"))
            return KeyState("keyring")
        try:
            given, foreign = _environment_key(project, env), None
        except ForeignKey as error:
            given, foreign = None, error.with_traceback(None)
    except (CredentialsError, BadAddress) as error:
        return KeyState(None, error.with_traceback(None), unusable)
    if given is not None:
        return KeyState("environment", unusable=unusable)
    if project.key_command is not None:
        return KeyState("key_command", unusable=unusable)
    return KeyState(None, foreign or unusable, unusable)


def store_key(project: Project, key: ApiKey, *, keyring: OsKeyring = _KEYRING) -> None:
    """Keep a key in the keyring for a project's origin, and verify that it is kept.

    Raises:
        ForeignKey: the project knows other keys only; `set_key` is for a rotation.
        KeyringError: it is not kept, and why.
    """
    if project.name is None:
        raise CredentialsError(
            _(
                "A key from MEMOS_API_KEY is not stored. To keep one, add a project: "
                "memos-admin projects add NAME"
            )
        )
    _checked(project, key, _("What was given"))
    keyring.write(project.uuid, Entry(key, project.origin))


def delete_key(project: Project, *, keyring: OsKeyring = _KEYRING) -> bool:
    """Delete a project's key from the keyring; return whether there was one. Raises KeyringError."""
    return keyring.delete(project.uuid)


def set_key(
    projects: Projects, project: Project, key: ApiKey, *, keyring: OsKeyring = _KEYRING
) -> Project:
    """Make `key` one of the project's keys, the one in the keyring; return the project.

    This is how a person says that a key is a rotation, and that the project's address, if it was
    edited, is where the key may go.

    Raises:
        KeyringError: the keyring does not keep it. The project knows the key all the same, so that
            the environment, ``key_command`` and the prompt may give it.
    """
    project = projects.remember_key(project, key.fingerprint)
    details = {"fingerprint": key.fingerprint, "kept": "nowhere"}
    try:
        store_key(project, key, keyring=keyring)
        details["kept"] = "keyring"
    finally:
        journal.of(projects.home).record(journal.Event("project.key", project, details=details))
    return project


def remove_project(projects: Projects, name: str, *, keyring: OsKeyring = _KEYRING) -> Removed:
    """Remove a project, everything stored of it here, and its API key; not the key of its store.

    Raises:
        UnknownProject: there is none.
        HomeError: something of it could not be deleted.
    """
    folder = projects.get(name).store_dir
    kept = tuple(path for path in backups.noted(folder) if path.exists())
    encrypted = _is_by_keyring(folder)
    project = projects.remove(name)
    left = tuple(path for path in kept if path.exists())  # not those in its folder
    try:
        delete_key(project, keyring=keyring)
    except KeyringError as error:
        return Removed(project, error, left, None if encrypted else False)
    stays = False
    with suppress(KeyringError):
        stays = keyring.read_text(store_entry(project.uuid)) is not None
    return Removed(project, None, left, stays)


def _is_by_keyring(folder: Path) -> bool:
    """Whether the store in a project's folder is encrypted with a key that the keyring keeps."""
    from memos_admin.backend.encryption import declaration  # which few that remove something need

    try:
        declared = declaration.read(folder)
    except HomeError:
        return True  # nobody knows
    return declared is not None and declared.kept == "keyring"


def _unnamed_key(env: Mapping[str, str]) -> ApiKey:
    key = environment.key(env)
    if key is None:
        raise NoKey(_("MEMOS_API_KEY is not set any more. Set it to the project's key."))
    return key


def _environment_key(project: Project, env: Mapping[str, str]) -> ApiKey | None:
    """Return the environment's key for a named project, None where there is none.

    A key that the project knows is its key. One for a project that knows none yet must not be meant
    for another address.
    """
    key = environment.key(env)
    if key is None:
        return None
    address = environment.address(env)
    if not project.fingerprints and address is not None and origin(address) != project.origin:
        raise ForeignKey(
            _(
                "MEMOS_API_KEY is meant for {address}, as MEMOS_BASE_URL or MEMOS_IS_GLOBAL "
                "says, and {project} is at {origin}. Store its own key with: memos-admin "
                "projects set-key {name}"
            ).format(
                address=origin(address),
                project=project.name,
                origin=project.origin,
                name=quote(project.title),
            )
        )
    return _checked(project, key, "MEMOS_API_KEY")


def _bound(project: Project, entry: Entry) -> ApiKey:
    """Return the key of an entry that was stored for the project's origin."""
    if entry.origin == project.origin:
        return entry.key
    raise KeyBoundElsewhere(
        _(
            "The key of {project} was stored for {stored_for}, but config.toml now says "
            "{address}: it is not sent there. If the address is right, confirm it with: "
            "memos-admin projects set-key {title}. Else correct base_url."
        ).format(
            project=project.title,
            stored_for=entry.origin,
            address=project.origin,
            title=quote(project.title),
        )
    )


def _checked(project: Project, key: ApiKey, given_by: str) -> ApiKey:
    """Return `key` if the project knows it, or knows none yet, and it does not stand in its address."""
    try:
        check_base_url(project.base_url)  # now that it is known which key is not to stand there
    except BadAddress:
        text = _(
            "The address of {project} contains its API key, which is to be sent in a header only: it was sent "
            "nowhere. Correct base_url in config.toml, or MEMOS_BASE_URL."
        )
        raise KeyInAddress(text.format(project=project.title)) from None
    if not project.fingerprints or key.fingerprint in project.fingerprints:
        return key
    if project.name is None:
        raise ForeignKey(
            _(
                "{given_by} holds another key (fingerprint {fingerprint}) than the one that "
                "made this project. Start again with the key that is meant."
            ).format(given_by=given_by, fingerprint=key.fingerprint)
        )
    raise ForeignKey(
        _(
            "{given_by} has a key (fingerprint {fingerprint}) that is none of those that "
            "filled {project} ({fingerprints}). If the project's key was rotated: "
            "memos-admin projects set-key {name}. If it is another project's: "
            "memos-admin projects add NAME"
        ).format(
            given_by=given_by,
            fingerprint=key.fingerprint,
            project=project.name,
            fingerprints=", ".join(project.fingerprints),
            name=quote(project.name),
        )
    )
