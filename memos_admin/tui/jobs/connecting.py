"""Connecting a project: what its form's fields may hold, one try at the service, then keeping it.

Nothing of a project is kept before the service has accepted its key: an attempt that fails or is
cancelled leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from memos_admin.backend import daemon
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import BadKey, KeyringError, KeyringTimeout, NoKeyring, check_key
from memos_admin.backend.projects import REGIONS as ADDRESSES
from memos_admin.backend.projects import (
    BadAddress,
    Project,
    ProjectError,
    Projects,
    check_base_url,
    check_free,
    check_name,
)
from memos_admin.backend.workspace import Workspace
from memos_admin.language import N_, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.jobs.trying import refused
from memos_admin.tui.reader import in_thread
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.credentials import FoundKey

REGIONS = (("cn", N_("China: memos.memtensor.cn")), ("global", N_("Global: api.memt.ai")))
"""The regions with the words for them."""

FieldName = Literal["name", "url", "key"]
FIELDS: tuple[FieldName, ...] = get_args(FieldName)
"""What is typed, in the order of the form."""

Tell = Callable[[str], None]

KEYRING_SECONDS = 5.0
"""How long the keyring may take to say what it is called."""

SILENT_AFTER = 3.0
"""Seconds after which it is told that the keyring does not answer."""

_KEYRINGS = {
    "SecretService Keyring": "Secret Service",
    "libsecret Keyring": "Secret Service",
    "kwallet DBusKeyring": "KWallet",
    "macOS Keyring": "Keychain",
    "Windows WinVaultKeyring": "Credential Manager",
}
"""What keyring's backends call themselves, and what people call them."""


@dataclass(frozen=True)
class Typed:
    """What a person gave: a name, a region of `REGIONS` or a base URL, and a key."""

    name: str
    address: str
    key: str = field(repr=False)

    @property
    def base_url(self) -> str:
        """Where the project is; not checked."""
        return ADDRESSES.get(self.address, self.address)


@dataclass(frozen=True)
class Connected:
    """A new project, opened; `warning` says why its key is for this run only, ``""`` if it is kept."""

    workspace: Workspace
    warning: str


@dataclass(frozen=True)
class Accepted:
    """A project whose key the service accepted; `warning` as in `Connected`."""

    home: Home
    project: Project
    find_key: Callable[[], Awaitable[FoundKey]] | None
    warning: str

    def keep(self) -> Connected:
        """Write the project and return it, opened. Blocks for milliseconds.

        Raises:
            ProjectError, HomeError: nothing is kept then, its key neither.
        """
        try:
            project = Projects(self.home).adopt(self.project)
        except BaseException:
            daemon.start(lambda: _forget(self.project))
            raise
        return Connected(Workspace(project, self.home, find_key=self.find_key), self.warning)


def mistake(which: FieldName, typed: Typed, titles: Iterable[str]) -> str:
    """Return why a field cannot hold what was typed, ``""`` if it can.

    Args:
        which: the field.
        typed: what all of them hold.
        titles: names of the projects that there are.
    """
    try:
        if which == "name":
            check_free(check_name(typed.name), titles)
        elif which == "url":
            check_base_url(typed.base_url)
        else:
            check_key(typed.key, _("The form"))
    except (ProjectError, BadAddress, BadKey) as error:
        return said_by(error)
    return ""


def concerned(error: Exception, typed: Typed) -> FieldName:
    """Return the field that an error of `attempt` or `keep` is about; the last one if none is."""
    from memos_admin.backend.errors import Unreachable, Unusable

    if isinstance(error, ProjectError):
        return "name"
    elsewhere = typed.address not in ADDRESSES
    if isinstance(error, BadAddress | Unreachable | Unusable) and elsewhere:
        return "url"
    return "key"


def told(error: Exception) -> str:
    """Return an error of `attempt` or `keep`, with what was kept where nobody would know."""
    from memos_admin.backend.errors import Refused

    if isinstance(error, ProjectError | BadAddress | BadKey):
        return said_by(error)
    if isinstance(error, Refused):  # its own advice is for a project that exists
        return sentences(refused(error.code), _("Nothing was kept."))
    return sentences(said_by(error), _("Nothing was kept."))


def titles(home: Home) -> tuple[str, ...]:
    """Return the names that are taken; none where the configuration cannot be read. Blocks."""
    with suppress(HomeError):  # connecting says it
        return tuple(project.title for project in Projects(home).list())
    return ()


def where_kept() -> str:
    """Return where a key will be kept, for a person; ``""`` where that is not known.

    Blocks for at most `KEYRING_SECONDS`; imports keyring in a thread of its own.
    """
    from memos_admin.backend.credentials import OsKeyring

    try:
        name = OsKeyring(KEYRING_SECONDS).name()
    except NoKeyring:
        return _("There is no keyring here: it is kept for this run only")
    except KeyringTimeout:
        return ""
    except KeyringError:
        return _("The keyring here cannot be used: it is kept for this run only")
    return _("It is kept in the keyring ({name})").format(name=_KEYRINGS.get(name, name))


async def attempt(home: Home, typed: Typed, tell: Tell) -> Accepted:
    """Try a project's key, put it into the keyring, and return the project, to be kept.

    Cancelling leaves nothing behind.

    Args:
        home: where projects live.
        typed: what to connect.
        tell: called with what is waited for when that takes longer, ``""`` when it is over.

    Raises:
        ProjectError, BadKey, BadAddress, HomeError: with a text for a person.
        CloudError: the service does not accept the key, or did not answer as it should.
    """
    project = await in_thread(_plan, home, typed)

    async def given() -> FoundKey:
        from memos_admin.backend.credentials import FoundKey

        return FoundKey(check_key(typed.key, _("The form")), "prompt")

    await _try(Workspace(project, home, find_key=given), tell)
    try:
        await _store(project, typed, tell)
    except KeyringError as error:
        return Accepted(
            home,
            project,
            given,
            _("The key is for this run only: {error}").format(error=said_by(error)),
        )
    return Accepted(home, project, None, "")


def _plan(home: Home, typed: Typed) -> Project:
    """Return the project, and import what the attempt needs while the event loop goes on."""
    from memos_admin.backend import credentials, errors  # noqa: F401 - for later
    from memos_admin.backend.projects import connection  # noqa: F401 - for later

    key = check_key(typed.key, _("The form"))
    return Projects(home).plan(typed.name, typed.base_url, key)


async def _try(trial: Workspace, tell: Tell) -> None:
    from memos_admin.backend.projects.connection import try_connection

    try:
        (await trial.remote()).on_wait = tell
        await try_connection(trial)
    finally:
        await trial.close()


async def _store(project: Project, typed: Typed, tell: Tell) -> None:
    """Put the key into the keyring, which may wait for a person. Raises KeyringError."""
    ended = threading.Event()

    def store() -> None:
        from memos_admin.backend.credentials import store_key

        try:
            store_key(project, check_key(typed.key, _("The form")))
        finally:
            ended.set()

    silent = asyncio.get_running_loop().call_later(
        SILENT_AFTER,
        tell,
        _("the keyring has not answered; it may wait to be unlocked on the desktop"),
    )

    def undo() -> None:
        ended.wait()
        _forget(project)

    try:
        await in_thread(store)
    except asyncio.CancelledError:
        daemon.start(undo)  # what was begun in the thread goes on, and may keep the key yet
        raise
    finally:
        silent.cancel()
        tell("")


def _forget(project: Project) -> None:
    """Take a project's key out of the keyring, if it is there and can be."""
    from memos_admin.backend.credentials import delete_key

    with suppress(KeyringError):
        delete_key(project)
