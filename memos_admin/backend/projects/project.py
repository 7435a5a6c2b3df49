"""What a project is, and the tables of ``config.toml`` that describe the named ones.

A named project's UUID is the name of its folder and the user name of its keyring entry, so that
renaming moves nothing and two homes never collide::

    use = "0d5ba0a3-…"                          # what `projects use` chose

    [projects.0d5ba0a3-…]
    name = "acme-prod"
    base_url = "https://memos.memtensor.cn/api/openmem/v1"
    service_timezone = "Asia/Shanghai"          # optional: of the service's times without a zone
    fingerprints = ["9f86d081884c7d65"]         # of the keys that filled it, not the keys
    key_command = ["pass", "show", "memos/acme"]    # optional; a string is split like a shell would
    store_key_command = ["pass", "show", "acme"]    # optional; of an encrypted store
    allow_writes = true                         # optional: what MemOS holds may be changed
    filters = { travel = "tag:travel" }         # optional: those saved under a name
"""

from __future__ import annotations

import contextlib
import re
import shlex
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

from memos_admin.backend import config
from memos_admin.backend.home import Home, uuid_of
from memos_admin.backend.keys import USUAL_PREFIX
from memos_admin.backend.upkeep import retention
from memos_admin.cloud.origin import REGIONS, BadAddress, check_base_url, origin
from memos_admin.language import gettext as _

LONGEST_NAME = 64
"""Characters of a project's name."""

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_KEYS = frozenset(
    {
        "name",
        "base_url",
        "service_timezone",
        "fingerprints",
        "key_command",
        "store_key_command",
        "allow_writes",
        "filters",
        "recall",
        "retention",
    }
)


class ProjectError(Exception):
    """What was asked of the projects cannot be done; the text says what to do."""


class BadName(ProjectError):
    """A text that no project can be called."""


class NameTaken(ProjectError):
    """Another project has that name, perhaps in other capitals."""


class UnknownProject(ProjectError):
    """No project has that name."""


class SeveralProjects(ProjectError):
    """The environment's key is that of several projects, and nothing says which is meant."""


class BadTimezone(ProjectError):
    """A text that names no time zone."""


class BadCommand(ProjectError):
    """A ``key_command`` that names no program."""


@dataclass(frozen=True, slots=True)
class Project:
    """A MemOS project as this machine knows it.

    Attributes:
        name: None for the unnamed project of the environment.
        base_url: normalised, without a slash at its end.
        service_timezone: IANA name of the zone of the service's times without one.
        store_dir: its folder; need not exist.
        fingerprints: of the keys that may fill its store, oldest first; empty: none has yet.
        key_command: arguments of the program that prints the key, else None.
        store_key_command: of the one that prints the passphrase or recovery key of its store.
        allow_writes: what the service holds may be changed; else it is only read.
    """

    uuid: UUID
    name: str | None
    base_url: str
    service_timezone: str
    store_dir: Path
    fingerprints: tuple[str, ...] = ()
    key_command: tuple[str, ...] | None = field(default=None, repr=False)
    store_key_command: tuple[str, ...] | None = field(default=None, repr=False)
    allow_writes: bool = False

    @property
    def region(self) -> Literal["cn", "global"] | None:
        """The service's region; None for an address of its own."""
        if self.base_url == REGIONS["cn"]:
            return "cn"
        return "global" if self.base_url == REGIONS["global"] else None

    @property
    def origin(self) -> str:
        """Scheme, host and port: where its key may be sent."""
        return origin(self.base_url)

    @property
    def title(self) -> str:
        """The name, or what stands for it: ``environment key 9f86d081`` for the environment's project."""
        if self.name is not None:
            return self.name
        return unnamed_title(next(iter(self.fingerprints), None))


def unnamed_title(fingerprint: str | None) -> str:
    """Return what stands for the name of a project without one."""
    return "unnamed" if fingerprint is None else f"environment key {fingerprint[:8]}"


def check_name(name: str) -> str:
    """Return the name of a new project as `spelled` keeps it.

    Raises:
        BadName: as `spelled`, or it looks like a key: a name is shown everywhere, a key nowhere.
            The message never holds the name.
    """
    if comparable(name).strip().startswith(USUAL_PREFIX):
        raise BadName(
            _(
                "That looks like an API key, not a name. Choose a name of your own; the key "
                "is asked for by itself."
            )
        )
    return spelled(name)


def check_free(name: str, titles: Iterable[str]) -> None:
    """Raise NameTaken if one of `titles` is what a person would take for `name`."""
    for title in titles:
        if comparable(title) == comparable(name):
            raise NameTaken(
                _("There is a project {project} already. Choose another name.").format(
                    project=title
                )
            )


def spelled(name: str) -> str:
    """Return a project's name in the form that is kept (NFC, no white space around).

    Letters, marks and digits of any script, spaces and ``. _ - + @``; it begins with a letter or a
    digit, so that it is never taken for an option.

    Raises:
        BadName: it is something else, empty, or longer than `LONGEST_NAME`.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept or len(kept) > LONGEST_NAME:
        raise BadName(_("A project's name has 1 to {count} characters.").format(count=LONGEST_NAME))
    if unicodedata.category(kept[0])[0] not in "LN":
        raise BadName(_("A project's name begins with a letter or a digit."))
    for character in kept:
        if character not in " ._-+@" and unicodedata.category(character)[0] not in "LMN":
            raise BadName(
                _(
                    "A project's name cannot hold {character}. Use letters, digits, spaces and . "
                    "_ - + @"
                ).format(character=f"{character!r}")
            )
    return kept


def comparable(name: str) -> str:
    """Return what two names share that a person would take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def check_timezone(name: str) -> str:
    """Return `name` if it is an IANA time zone; raise BadTimezone else."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadTimezone(
            _(
                "{name} is not a time zone. Use a name such as Asia/Shanghai, Europe/Berlin or UTC."
            ).format(name=f"{name!r}")
        ) from None
    return name


def default_timezone(base_url: str) -> str:
    """Return the zone of times without one: Asia/Shanghai at the China endpoint, else UTC."""
    return "Asia/Shanghai" if origin(base_url) == origin(REGIONS["cn"]) else "UTC"


def split_command(command: str | Sequence[str]) -> tuple[str, ...]:
    """Return the arguments of a ``key_command``; a string is split as a shell would split it.

    Nothing is expanded, since no shell runs it. Raises BadCommand where no program is named.
    """
    try:
        arguments = tuple(shlex.split(command) if isinstance(command, str) else command)
    except ValueError as error:
        raise BadCommand(
            _("key_command cannot be split: {error}. Close the quotes.").format(error=error)
        ) from None
    if not arguments or not arguments[0] or any("\0" in argument for argument in arguments):
        raise BadCommand(
            _("key_command names no program. Give its arguments, such as pass show memos.")
        )
    return arguments


_TABLES = (
    "projects",
    "use",
    "operator",
    "journal",
    "interface",
    "retention",
    "privacy",
    "recall",
    "subject",
    "hygiene",
    "watch",
)


def read_projects(top: config.Table, home: Home) -> tuple[tuple[Project, ...], UUID | None]:
    """Return the projects of a configuration, in its order, and the UUID that `use` chose.

    That UUID may be no project's (any more). Raises ConfigError where something cannot be.
    """
    top.only(_TABLES)
    retention.check(top.table("retention"))
    _check_recall(top)
    _check_hygiene(top)
    _check_watch(top)
    tables = top.table("projects")
    projects: list[Project] = []
    names: dict[str, str] = {}
    for key in tables.values:
        uuid = uuid_of(key)
        if uuid is None:
            raise tables.error(key, _("must be a UUID; `memos-admin projects add` makes one."))
        name, project = _project(tables.table(key), uuid, home)
        if names.setdefault(comparable(name), key) != key:
            raise tables.table(key).error("name", _("is another project's already. Change one."))
        projects.append(project)
    used = top.text("use")
    if used is not None and uuid_of(used) is None:
        raise top.error("use", _("must be a project's UUID; `memos-admin projects use` sets it."))
    return tuple(projects), None if used is None else UUID(used)


def _project(table: config.Table, uuid: UUID, home: Home) -> tuple[str, Project]:
    """Return the name and the project that a table describes, or raise ConfigError."""
    table.only(_KEYS)
    retention.check(table.table("retention"))
    _check_recall(table)
    _check_filters(table)
    name = table.text("name")
    address = table.text("base_url")
    if name is None or address is None:
        raise table.error(
            None, _("{key} is missing.").format(key="name" if name is None else "base_url")
        )
    with _explaining(table, "name"):
        name = spelled(name)
    with _explaining(table, "base_url"):
        address = check_base_url(address)
    zone = table.text("service_timezone")
    with _explaining(table, "service_timezone"):
        zone = default_timezone(address) if zone is None else check_timezone(zone)
    fingerprints = table.texts("fingerprints") or ()
    if not all(_FINGERPRINT.fullmatch(fingerprint) for fingerprint in fingerprints):
        raise table.error("fingerprints", _("each must be 16 hexadecimal digits (never a key)."))
    project = Project(
        uuid,
        name,
        address,
        zone,
        home.project_dir(uuid),
        fingerprints,
        _command(table, "key_command"),
        _command(table, "store_key_command"),
        table.flag("allow_writes", default=False),
    )
    return name, project


def _check_recall(table: config.Table) -> None:
    """Raise ConfigError where a table ``recall`` says something that cannot be."""
    if "recall" in table.values:  # imported where there is one only: every command comes by here
        from memos_admin.backend.recall import parameters

        parameters.check(table.table("recall"))


def _check_filters(table: config.Table) -> None:
    """Raise ConfigError where a table ``filters`` says something that cannot be."""
    if "filters" in table.values:  # imported where there is one only, as above
        from memos_admin.backend import saved_filters

        saved_filters.check_table(table.table("filters"))


def _command(table: config.Table, key: str) -> tuple[str, ...] | None:
    """Return the arguments of a program that prints a secret; None where there is none."""
    command = table.values.get(key)
    if command is not None and not isinstance(command, str):
        command = table.texts(key)
    with _explaining(table, key):
        return None if command is None else split_command(command)


@contextlib.contextmanager
def _explaining(table: config.Table, key: str) -> Iterator[None]:
    """Turn what is wrong with a value into an error that names its file, line and key."""
    try:
        yield
    except (ProjectError, BadAddress) as error:
        raise table.error(key, str(error)) from None


def _check_watch(top: config.Table) -> None:
    """Raise ConfigError where ``watch`` says what cannot be; imports nothing where it is not there."""
    if "watch" in top.values:
        from memos_admin.backend.watching import settings

        settings.of_table(top)


def _check_hygiene(top: config.Table) -> None:
    """Raise ConfigError where ``hygiene`` says what cannot be; imports nothing where it is not there."""
    if "hygiene" in top.values:
        from memos_admin.backend.hygiene import settings

        settings.of_table(top)
