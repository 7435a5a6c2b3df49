"""What works, and what to do about what does not.

Python, terminal, home, disk, configuration, interface, journal, changes, keyring, project, key, connection, rate and
store, as plain data; the command prints them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from memos_admin.backend import clock, daemon, encryption, journal
from memos_admin.backend.command_words import program
from memos_admin.backend.config import ConfigError
from memos_admin.backend.credentials import (
    CredentialsError,
    FoundKey,
    KeyringError,
    KeyringLocked,
    NoKeyring,
    NoProject,
    OsKeyring,
    find_key,
    unusual,
)
from memos_admin.backend.doctor import copies
from memos_admin.backend.doctor.checked import Check, in_two
from memos_admin.backend.doctor.machine import machine_checks
from memos_admin.backend.faulty_configuration import with_others
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.project import Project, ProjectError
from memos_admin.backend.projects.stored import new_here
from memos_admin.backend.upkeep import retention
from memos_admin.cloud.origin import BadAddress

if TYPE_CHECKING:
    from memos_admin.store.health import Health

__all__ = ["Check", "checks"]

SECONDS = 20.0
"""How long the keyring, the service and the store may take, each."""


async def checks(
    home: Home,
    env: Mapping[str, str],
    project_name: str | None = None,
    *,
    interface: Callable[[Home], tuple[str, str | None]] | None = None,
    on_project: Callable[[Project], None] | None = None,
) -> AsyncIterator[Check]:
    """Yield each check as it ends, in an order in which a reader would look for a fault.

    Writes nothing to the service and nothing to the store; never raises for what it checks.

    Args:
        home: where everything lives; tightened where others can read it.
        env: the environment.
        project_name: what ``--project`` names; else the project that is meant without it.
        interface: says what the terminal interface starts with, and what to do where the configuration
            wants more masked than that, or raises HomeError; None: that is not checked.
        on_project: is told which project it is about, before anything of that is checked.
    """
    for check in machine_checks(home, env):
        yield check
    projects = Projects(home)
    configuration = _configuration(projects)
    yield configuration
    if interface is not None and configuration.ok is not False:
        yield _interface(home, interface)
    if configuration.ok is not False:
        yield await daemon.in_background(partial(_journal, home))
        if (begun := await daemon.in_background(partial(_begun, home))) is not None:
            yield begun
    yield await _keyring()
    project, told = _project(projects, env, project_name)
    yield told
    if project is None:
        return
    if on_project is not None:
        on_project(project)
    found, told = await _key(project, env)
    yield told
    if (proxy := _proxy(project)) is not None:
        yield proxy
    for check in await _service(project, found):
        yield check
    async for check in _kept_here(home, env, project):
        yield check
    yield _retention(home, project)


async def _kept_here(home: Home, env: Mapping[str, str], project: Project) -> AsyncIterator[Check]:
    """Yield what there is to say of the store and of what lies beside it."""
    # Looked for before the store is opened, which deletes it.
    left = await daemon.in_background(partial(copies.left_half, project))
    yield await _store(project, env)
    if left is not None:
        yield left
    for look in (partial(copies.unerased, home), copies.plain, copies.older):
        if (found := await daemon.in_background(partial(look, project))) is not None:
            yield found


def _retention(home: Home, project: Project) -> Check:
    """Say what is dropped by itself, so that nobody looks for it in vain."""
    try:
        kept = retention.of_project(home, project.uuid)
    except HomeError as error:
        return Check(
            "Retention", False, str(error), "Correct that line: nothing is dropped before."
        )
    return Check("Retention", True, kept.words)


def _configuration(projects: Projects) -> Check:
    path = projects.home.config_path
    try:
        count = len(projects.list())
    except ConfigError as error:
        told = " ".join(str(with_others(error, projects.home)).splitlines())
        return Check("Configuration", False, told, "Correct that, then try again.")
    except HomeError as error:
        return Check("Configuration", False, str(error), "Correct that line, then try again.")
    if not path.exists():
        return Check("Configuration", None, f"{path} does not exist yet")
    return Check("Configuration", True, f"{path}: {count} project{'s' if count != 1 else ''}")


def _journal(home: Home) -> Check:
    """Check that what is done is journaled, and that the keyring misses nothing of it.

    Whether an entry was changed says ``journal verify``.
    """
    from memos_admin.backend.journal.verifying import missed
    from memos_admin.store.errors import StoreError

    try:
        settings = journal.of(home).settings()
        if not settings.enabled:
            advice = "Take that line out, and who looks at what is journaled again."
            return Check("Journal", None, journal.OFF, advice)
        found = missed(home, seconds=SECONDS)
        if found.problems:
            told = " ".join(problem.text for problem in found.problems)
            return Check("Journal", False, told.removesuffix("."), _EVIDENCE)
        return _kept(home, found.unchecked)
    except (HomeError, StoreError) as error:
        return Check("Journal", False, *in_two(error))


def _begun(home: Home) -> Check | None:
    """Say that changes in MemOS were begun and have no end; None: none has, or nobody can tell."""
    from memos_admin.backend.journal.entries import CHANGES
    from memos_admin.backend.journal.reading import Wanted, unfinished
    from memos_admin.store.errors import StoreError

    try:
        found = unfinished(home, Wanted()).entries
        number = sum(entry.action in CHANGES for entry in found)
    except StoreError:  # which the check of the journal says
        return None
    if not number:
        return None
    told = f"{number:,} change{'s' if number != 1 else ''} in MemOS begun, and no end journaled"
    return Check("Changes", None, told, _BEGUN)


_BEGUN = (
    "Under way, or the process was killed, and what is stored may be older than what MemOS has: "
    "memos-admin journal list --unfinished tells which, and how to look."
)


def _kept(home: Home, unchecked: str) -> Check:
    """Say where a journal ends that the keyring misses nothing of; `unchecked`: why nobody can check its seals."""
    from memos_admin.store.journal_reads import JournalReads

    try:
        head = JournalReads(home.journal_path).head()
    except FileNotFoundError:
        # Without the keyring nobody knows whether there was one before; it has a check of its own.
        return Check("Journal", None, f"{home.journal_path} does not exist yet")
    detail = f"{home.journal_path}: {head.seq:,} entr{'y' if head.seq == 1 else 'ies'}"
    if not os.access(home.journal_path, os.W_OK):
        advice = "Make it writable; exports and removals are refused before."
        return Check("Journal", False, f"{detail}, not writable", advice)
    if head.sealed_from is None:
        advice = "Where there is a keyring, the interface, a sync or an export begins to seal it."
        return Check("Journal", None, f"{detail}, only chained, not sealed", advice)
    detail = f"{detail}, sealed from {head.sealed_from} on"
    if unchecked:
        told, helping = in_two(unchecked)
        return Check("Journal", None, f"{detail}, which cannot be checked here: {told}", helping)
    advice = "Whether any was changed says: memos-admin journal verify"
    return Check("Journal", True, detail, advice)


_EVIDENCE = (
    "Look for it in backups of this folder, and keep what is there: memos-admin journal verify tells "
    "more, and with --previous FILE it takes one that was moved away."
)


def _interface(home: Home, interface: Callable[[Home], tuple[str, str | None]]) -> Check:
    try:
        told, less = interface(home)
    except HomeError as error:
        advice = "Correct that: the terminal interface does not open before."
        return Check("Interface", False, str(error), advice)
    return Check("Interface", None if less else True, told, less)


async def _keyring() -> Check:
    """Check that there is a keyring; whether it is locked shows when the key is asked for."""
    try:
        name = await daemon.in_background(OsKeyring(SECONDS).opened)
    except (NoKeyring, KeyringLocked) as error:
        # The normal cases on servers and over ssh, where keys come from elsewhere.
        return Check("Keyring", None, *in_two(error))
    except KeyringError as error:
        return Check("Keyring", False, *in_two(error))
    return Check("Keyring", True, name)


def _project(
    projects: Projects, env: Mapping[str, str], name: str | None
) -> tuple[Project | None, Check]:
    try:
        project = projects.resolve(name, env)
    except NoProject as error:
        return None, Check("Project", None, *in_two(error))
    except CredentialsError as error:
        return None, Check("Key", False, *in_two(error))
    except BadAddress as error:
        return None, Check("Address", False, *in_two(error))
    except (ProjectError, HomeError) as error:
        return None, Check("Project", False, *in_two(error))
    chosen = ", chosen since MEMOS_API_KEY is its key" if _by_key(project, env, name) else ""
    if project.name is None:
        new = "; nothing is stored for it" if new_here(project) else ""
        chosen = f"; it is the unnamed project of MEMOS_API_KEY{new}"
    return project, Check(
        "Project",
        True,
        f"{project.title} at {project.base_url}, times in {project.service_timezone}{chosen}",
    )


def _by_key(project: Project, env: Mapping[str, str], name: str | None) -> bool:
    """Return whether it was ``MEMOS_API_KEY`` that chose a named project."""
    return name is None and project.name is not None and bool(env.get("MEMOS_API_KEY", "").strip())


async def _key(project: Project, env: Mapping[str, str]) -> tuple[FoundKey | None, Check]:
    keyring = OsKeyring(SECONDS)
    try:
        found = await daemon.in_background(partial(find_key, project, env, keyring=keyring))
    except CredentialsError as error:
        return None, Check("Key", False, *in_two(error))
    detail = f"from the {found.source}, fingerprint {found.key.fingerprint}"
    return found, Check("Key", True, detail, unusual(found.key))


def _proxy(project: Project) -> Check | None:
    """Say what stands between this machine and MemOS; None where nothing does that we know of."""
    from memos_admin.cloud.proxy import environment_proxy

    proxy = environment_proxy(project.base_url)
    if proxy is None:
        return None
    told = f"MemOS is asked through {proxy.shown}, which {proxy.variable} names: it sees an encrypted tunnel"
    return Check("Proxy", None, told, "To pass it by, name the host of MemOS in NO_PROXY.")


async def _service(project: Project, found: FoundKey | None) -> list[Check]:
    """Return what one harmless request says of connection, key and rate."""
    if found is None:
        return [Check("Connection", None, "not tried without a key")]
    from memos_admin.cloud import errors
    from memos_admin.cloud.client import CloudClient

    loop = asyncio.get_running_loop()
    started = loop.time()
    try:
        async with asyncio.timeout(SECONDS), CloudClient(project.base_url, found.key) as client:
            await client.check()
            apart = clock.apart(client.clock_ahead)
    except TimeoutError:
        told = f"{project.origin} did not answer in {SECONDS:.0f} s"
        return [Check("Connection", False, told, "Check network, proxy and address.")]
    except (errors.Unreachable, errors.Unusable, errors.Busy, errors.Rejected) as error:
        return [Check("Connection", False, *in_two(error))]
    except errors.CloudError as error:
        answered = Check("Connection", True, f"{project.origin} answers")
        name = "Key" if isinstance(error, errors.Refused) else "Rate"
        return [answered, Check(name, False, *in_two(error))]
    milliseconds = (loop.time() - started) * 1000
    return [
        Check("Connection", True, f"{project.origin} answers in {milliseconds:.0f} ms"),
        Check("Rate", True, "not limited now; the limit is the account's, shared with production"),
        *([Check("Clock", False, apart.removesuffix("."), _CLOCK)] if apart else []),
    ]


_CLOCK = "Set it: what is stored and journaled is dated by it."


async def _store(project: Project, env: Mapping[str, str]) -> Check:
    from memos_admin.store.errors import StoreError
    from memos_admin.store.health import look

    path = project.store_dir / "store.db"
    try:
        await daemon.in_background(
            partial(encryption.unlock, project, env, keyring=OsKeyring(SECONDS))
        )
        health = await daemon.in_background(partial(look, path, SECONDS / 4))
    except FileNotFoundError:
        return Check("Store", None, f"{path} does not exist yet", "The first sync makes it.")
    except (StoreError, HomeError) as error:
        return Check("Store", False, *in_two(error))
    except OSError as error:
        return Check("Store", False, f"{path}: {error.strerror}", "Check its permissions.")
    kind = ", encrypted" if health.encrypted else ""
    return _healthy(f"{path}: schema {health.schema}, {health.size / 1e6:.1f} MB{kind}", health)


def _healthy(detail: str, health: Health) -> Check:
    """Return what a look at a store says."""
    if health.damage is not None:
        advice = (
            f"Keep the file. Which backups can take its place: {program()} store restore. Without one, "
            f"{program()} store restore --none puts it aside, to start anew with a sync."
        )
        return Check("Store", False, f"{detail}, damaged: {health.damage}", advice)
    if health.schema < health.current:
        advice = f"The next start brings it to schema {health.current}, after a backup."
        return Check("Store", None, detail, advice)
    if not health.whole:
        advice = f"It is large; to look at all of it: {program()} store check"
        return Check("Store", None, f"{detail}, not looked at whole", advice)
    return Check("Store", True, detail)
