"""Entries in the keyring of the operating system: written, read back, bound to an origin.

An entry has the service name ``memos-admin`` and a project's UUID as user name; its secret is a
small JSON object with the key and the origin that it may be sent to. The key of an encrypted store
has an entry of its own beside it. The keyring belongs to others
and has many ways to fail: each becomes a KeyringError that says what to do. It is imported and
called in daemon threads only, with a time limit, since a locked one may wait for a dialogue that
nobody sees.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from memos_admin.backend import daemon
from memos_admin.backend.keys import (
    CredentialsError,
    KeyringError,
    KeyringFailed,
    KeyringForgot,
    KeyringInsecure,
    KeyringLocked,
    KeyringTimeout,
    NoKeyring,
    check_key,
)
from memos_admin.cloud.key import ApiKey
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "memos-admin"
SECONDS = 30.0
"""How long the keyring may take: a person has to find and type a password."""

OTHER_WAYS = N_(
    "Or give the key another way: MEMOS_API_KEY=… memos-admin --project NAME, or "
    "key_command in config.toml (a program that prints it)."
)

_UNLOCK, _AGAIN = N_("Unlock it on the desktop and try again."), N_("Try again.")

_NO_ENTRY = "doctor"
"""The name of an entry that nothing is ever kept in."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the keyring keeps for a project: a key, and the only origin that it may be sent to."""

    key: ApiKey
    origin: str


@dataclass(frozen=True, slots=True)
class OsKeyring:
    """The keyring of the operating system. Every method raises KeyringError.

    Attributes:
        seconds: the time limit of each call.
    """

    seconds: float = SECONDS

    def name(self) -> str:
        """Return what the keyring that would keep a key calls itself."""
        return self._call(lambda backend: str(backend.name))

    def opened(self) -> str:
        """Return the same of one that was asked for an entry: only then does a locked one say that it is."""

        def ask(backend: KeyringBackend) -> str:
            backend.get_password(SERVICE, _NO_ENTRY)
            return str(backend.name)

        return self._call(ask)

    def read(self, user: UUID) -> Entry | None:
        """Return a project's entry; None where there is none."""
        # The secret becomes an `Entry` in the daemon thread: it stands in no variable of a frame
        # that a traceback with variables could show.
        return self._call(lambda backend: _read(backend, user))

    def write(self, user: UUID, entry: Entry) -> None:
        """Write a project's entry, read it back, and raise KeyringForgot where it differs."""
        self._call(lambda backend: _write(backend, user, entry), entry.key.hidden_in)

    def delete(self, user: UUID) -> bool:
        """Delete a project's entry; return whether there was one."""
        return self._call(lambda backend: _delete(backend, user))

    def read_text(self, name: str) -> str | None:
        """Return an entry that is no project's, by its name; None where there is none."""
        return self._call(lambda backend: backend.get_password(SERVICE, name))

    def write_text(self, name: str, text: str) -> None:
        """Write such an entry, read it back, and raise KeyringForgot where it differs."""
        self._call(
            lambda backend: _write_text(backend, name, text),
            lambda words: words.replace(text, "[secret]"),
        )

    def _call(self, work: Callable[[KeyringBackend], T], hide: Callable[[str], str] = str) -> T:
        """Return what `work` makes of the keyring; `hide` keeps a secret out of what is raised."""

        def run() -> tuple[T, None] | tuple[None, KeyringError]:
            try:
                return work(_backend()), None
            except KeyringError as error:
                return None, error
            except Exception as error:  # noqa: BLE001 - backends raise whatever they like
                return None, _explained(error, hide)

        try:
            value, problem = daemon.within(self.seconds, run)
        except daemon.TookTooLong:
            value, problem = (
                None,
                KeyringTimeout(
                    _advised(
                        _(
                            "The keyring did not answer in {seconds} s; it probably waits to be unlocked."
                        ).format(seconds=f"{self.seconds:g}"),
                        _UNLOCK,
                    )
                ),
            )
        if problem is not None:
            # Raised here and not in the handler: the backend's own exception, whose frames hold
            # the secret, is not chained to it.
            raise problem.with_traceback(None)
        return value  # type: ignore[return-value]  # of type T wherever there is no problem


def _backend() -> KeyringBackend:
    """Return the backend that may keep a key; never one that would keep it in a readable file."""
    if sys.platform != "darwin":
        # keyring imports the backend of every system. That of macOS looks for its libraries, for which
        # Python starts compilers and linkers; without them it says, as elsewhere, that it is of no use.
        sys.modules.setdefault("keyring.backends.macOS.api", None)  # type: ignore[arg-type]  # no module
    import keyring
    from keyring.backends.chainer import ChainerBackend

    try:
        chosen = keyring.get_keyring()
        chain = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    except Exception as error:  # noqa: BLE001 - a backend of the user's choice is imported here
        problem = _shown(error)
    else:
        return _first_usable(chain)
    raise NoKeyring(
        or_otherwise(
            _(
                "The keyring cannot be used: {problem}. Check PYTHON_KEYRING_BACKEND and keyring's "
                "own configuration."
            ).format(problem=problem)
        )
    )


def _first_usable(chain: list[KeyringBackend]) -> KeyringBackend:
    """Return the first of several backends that keeps anything, and keeps it well."""
    insecure: str | None = None
    for backend in chain:
        kind = type(backend)
        if kind.__module__ == "keyring.backends.null":
            raise NoKeyring(
                or_otherwise(
                    _(
                        "keyring is switched off here (its null backend keeps nothing). Choose "
                        "another one in PYTHON_KEYRING_BACKEND or keyring's own configuration."
                    )
                )
            )
        if kind.__module__ == "keyring.backends.fail":
            continue
        if _keeps_files(kind):
            insecure = insecure or f"{kind.__module__}.{kind.__name__}"
        else:
            return backend
    if insecure:
        raise KeyringInsecure(
            or_otherwise(
                _(
                    "The keyring {name} keeps keys in a file of its own, which others may read; "
                    "memos-admin does not use it. Install a real one (gnome-keyring, KWallet)."
                ).format(name=insecure)
            )
        )
    raise _no_keyring()


def _no_keyring() -> NoKeyring:
    return NoKeyring(
        or_otherwise(
            _(
                "There is no keyring on this machine, or not in this session (over ssh there "
                "usually is none). Install or start one (gnome-keyring, KWallet)."
            )
        )
    )


def store_entry(uuid: UUID) -> str:
    """Return the name of the entry with the key of a project's encrypted store."""
    return f"{uuid} store"


def or_otherwise(problem: str) -> str:
    """Return a problem with the other ways to give a key."""
    return sentences(problem, _(OTHER_WAYS))


def _advised(problem: str, advice: str) -> str:
    """Return a problem with what to do about it, and the other ways to give a key."""
    return or_otherwise(sentences(problem, _(advice)))


def without_other_ways(error: Exception) -> str:
    """Return what an error says, without the other ways to give a key."""
    return str(error).removesuffix(_(OTHER_WAYS)).rstrip()


def without_advice(error: Exception) -> str:
    """Return what an error says, also without that it is to be tried again."""
    told = without_other_ways(error)
    return told.removesuffix(_(_UNLOCK)).removesuffix(_(_AGAIN)).rstrip()


def _keeps_files(kind: type) -> bool:
    """Return whether a backend is of keyrings.alt or says itself that it is plain text."""
    return any(
        parent.__module__.split(".")[:2] == ["keyrings", "alt"]
        or "plaintext" in parent.__name__.lower()
        for parent in kind.__mro__
    )


def _read(backend: KeyringBackend, user: UUID) -> Entry | None:
    secret = backend.get_password(SERVICE, str(user))
    if secret is None:
        return None
    try:
        values = json.loads(secret)
        return Entry(check_key(values["key"], _("The keyring")), str(values["origin"]))
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        CredentialsError,
    ):
        pass
    raise KeyringFailed(
        _(
            "The keyring's entry for {user} of {service} is not one of memos-admin. "
            "Store the key anew with: memos-admin projects set-key NAME"
        ).format(user=user, service=SERVICE)
    )


def _write(backend: KeyringBackend, user: UUID, entry: Entry) -> None:
    backend.set_password(
        SERVICE, str(user), json.dumps({"key": entry.key.reveal(), "origin": entry.origin})
    )
    try:
        kept = _read(backend, user)
    except KeyringFailed:
        kept = None
    if kept != entry:
        raise KeyringForgot(
            or_otherwise(
                _(
                    "The keyring ({name}) took the key but does not give it back. The key is not "
                    "stored."
                ).format(name=backend.name)
            )
        )


def _write_text(backend: KeyringBackend, name: str, text: str) -> None:
    backend.set_password(SERVICE, name, text)
    if backend.get_password(SERVICE, name) != text:
        raise KeyringForgot(
            or_otherwise(
                _("The keyring ({name}) took a secret but does not give it back.").format(
                    name=backend.name
                )
            )
        )


def _delete(backend: KeyringBackend, user: UUID) -> bool:
    # Asked first: backends differ in what they raise where there is nothing to delete.
    if backend.get_password(SERVICE, str(user)) is None:
        return False
    backend.delete_password(SERVICE, str(user))
    return True


def _explained(error: Exception, hide: Callable[[str], str]) -> KeyringError:
    """Return what a backend's exception means for the person who reads it."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "NoKeyringError" in kinds:
        return _no_keyring()
    shown = _shown(error, hide)
    # Names of keyring's, secretstorage's and D-Bus's exceptions: importing them costs more.
    locked = kinds & {"KeyringLocked", "LockedException", "PromptDismissedException"}
    if locked or "IsLocked" in shown or "dismissed" in shown:
        return KeyringLocked(
            _advised(
                _("The keyring is locked, and was not unlocked ({error}).").format(error=shown),
                _UNLOCK,
            )
        )
    return KeyringFailed(_advised(_("The keyring failed ({error}).").format(error=shown), _AGAIN))


def _shown(error: Exception, hide: Callable[[str], str] = str) -> str:
    """Return an exception in a line, without the secret and safe for a terminal."""
    from memos_admin.backend.display import one_line

    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    return one_line(hide(text), 200).rstrip(".")
