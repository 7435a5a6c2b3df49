"""Asking the service whether a project's address and key work, and giving a project a new key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from memos_admin.backend.home import Home
from memos_admin.backend.keys import KeyringError, check_key
from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.project import Project
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.language import gettext as _
from memos_admin.language import sentences
from memos_admin.tui.reader import in_thread
from memos_admin.tui.rows.projects import Tested
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.credentials import FoundKey

    FindKey = Callable[[], Awaitable[FoundKey]]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Renewed:
    """A project with a new key; `find_key` finds one that is for this run only, else None."""

    project: Project
    find_key: FindKey | None = field(repr=False)
    text: str


async def test(trial: Workspace, tell: Tell) -> Tested:
    """Ask the service for a little, and return what came of it. Closes `trial`.

    Args:
        trial: the project, opened for this alone.
        tell: called with what is waited for when that takes longer, ``""`` when it is over.
    """
    project = trial.project
    try:
        milliseconds = await _ask(trial, tell)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test found
        return Tested(await in_thread(_failure, project, error), now_ms(), failed=True)
    text = _("{origin} answers in {milliseconds} ms and accepts the key").format(
        origin=project.origin, milliseconds=f"{milliseconds:,.0f}"
    )
    return Tested(text, now_ms())


async def try_key(home: Home, project: Project, text: str, tell: Tell) -> None:
    """Ask the service whether it accepts a key for a project; nothing is kept.

    Raises:
        BadKey: it cannot be a key.
        CloudError: the service does not accept it, or did not answer as it should.
    """
    fingerprint = check_key(text, _("The form")).fingerprint
    # As if the key were known already: what is tried must not be noted as one of the project's.
    trial = replace(project, fingerprints=(*project.fingerprints, fingerprint))
    await _ask(Workspace(trial, home, find_key=_given(text)), tell)


def doubt(project: Project, text: str, others: Mapping[str, str]) -> str:
    """Return what to ask before a key replaces the project's, ``""``: nothing.

    Args:
        project: whose key it shall be.
        text: the key.
        others: names of the other projects by the fingerprints of their keys.
    """
    key = check_key(text, _("The form"))
    if key.fingerprint in project.fingerprints or not project.fingerprints:
        return ""
    if key.fingerprint in others:
        return _(
            "MemOS accepts this key (fingerprint {fingerprint}), but it is the key of "
            "{other} here. Press escape unless {project} shall read the same MemOS "
            "project from now on; if it shall, press enter again."
        ).format(fingerprint=key.fingerprint, other=others[key.fingerprint], project=project.title)
    return _(
        "MemOS accepts this key (fingerprint {fingerprint}), but it is none of those "
        "that filled {project} ({fingerprints}). If the project's key was rotated, "
        "press enter again. If it is another project's, press escape and add that "
        "one with a."
    ).format(
        fingerprint=key.fingerprint,
        project=project.title,
        fingerprints=", ".join(project.fingerprints),
    )


def keep_key(home: Home, project: Project, text: str) -> Renewed:
    """Make a key the project's, in the keyring; blocks while the keyring waits for a person.

    Raises:
        ProjectError, HomeError: it was removed meanwhile, or the configuration cannot be written.
    """
    from memos_admin.backend import credentials

    projects = Projects(home)
    try:
        project = credentials.set_key(projects, project, check_key(text, _("The form")))
    except KeyringError as error:
        told = _("The new key of {project} works, but is for this run only: {error}").format(
            project=project.title, error=said_by(error)
        )
        return Renewed(projects.get(project.title), _given(text), told)
    told = _("The new key of {project} works. It is in the keyring, and nowhere else.")
    told = told.format(project=project.title)
    if project.key_command is not None:
        told = sentences(told, _("It goes before what key_command prints."))
    return Renewed(project, None, told)


def typed(project: Project, text: str) -> FindKey:
    """Return what finds a key that was typed for this run; imports what a request needs.

    Raises:
        BadKey: it cannot be a key.
        ForeignKey: the project knows other keys only.
    """
    from memos_admin.backend.credentials import typed_key

    key = typed_key(project, text)

    async def given() -> FoundKey:
        return key

    return given


def refusal(project: Project, error: Exception) -> str:
    """Return what an error of `try_key` or `keep_key` means; imports what it needs to know it."""
    from memos_admin.backend.errors import CloudError, Refused

    kept = _("The key that {project} had is as it was.").format(project=project.title)
    if isinstance(error, Refused):  # its own advice is for a key that is kept
        return sentences(refused(error.code), kept)
    return sentences(said_by(error), kept) if isinstance(error, CloudError) else said_by(error)


def refused(code: int | str | None) -> str:
    """Return that the service refused a key that was typed."""
    text = _("MemOS refused this key.")
    if code is not None:
        text = _("MemOS refused this key (code {code}).").format(code=code)
    check = _("Check that it is a key of this project, valid and copied whole.")
    return sentences(text, check)


async def _ask(trial: Workspace, tell: Tell) -> float:
    """Return the milliseconds to an answer; closes the workspace."""
    try_connection = await in_thread(_imported)
    try:
        (await trial.remote()).on_wait = tell
        return await try_connection(trial)
    finally:
        await trial.close()


def _imported() -> Callable[[Workspace], Awaitable[float]]:
    """Import what a request needs, outside of the event loop."""
    from memos_admin.backend import credentials, errors  # noqa: F401 - for later
    from memos_admin.backend.projects.connection import try_connection

    return try_connection


def _failure(project: Project, error: Exception) -> str:
    from memos_admin.backend.errors import Refused

    if isinstance(error, Refused):
        return _("{origin} answers, but does not accept the key. {error}").format(
            origin=project.origin, error=said_by(error)
        )
    return said_by(error)


def _given(text: str) -> FindKey:
    key = check_key(text, _("The form"))

    async def given() -> FoundKey:
        from memos_admin.backend.credentials import FoundKey

        return FoundKey(key, "prompt")

    return given
