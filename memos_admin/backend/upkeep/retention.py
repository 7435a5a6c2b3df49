"""How long texts are kept here that are superseded or said twice; ``[retention]`` of ``config.toml``.

::

    [retention]                              # of all projects
    keep_versions_days = 365                 # what memories and messages said before: true (the
                                             # default): for ever; false: not at all; or so many days
    keep_raw_json = 30                       # the service's own JSON beside what was read from it

    [projects.0d5ba0a3-….retention]          # of one, before the above key by key
    keep_raw_json = false

It is applied at the end of each sync and by ``store tidy``. What was dropped says so where it would be
shown: the rows stay, without their texts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from memos_admin.backend import config
from memos_admin.backend.times import now_ms
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.config import Table
    from memos_admin.backend.home import Home
    from memos_admin.backend.workspace import Workspace
    from memos_admin.store.retaining import Texts

VERSIONS, RAW = "keep_versions_days", "keep_raw_json"

_DAY_MS = 24 * 3_600_000
_MOST_DAYS = 36_500


class Retention(NamedTuple):
    """For how many days texts are kept; None: for ever; 0: not at all."""

    versions: int | None = None
    raw: int | None = None

    @property
    def words(self) -> str:
        """What is kept, for a person."""
        return f"earlier versions are kept {_words(self.versions)}, raw JSON {_words(self.raw)}"


class Dropped(NamedTuple):
    """How many texts were dropped."""

    versions: int = 0
    raws: int = 0


def check(table: Table) -> None:
    """Raise ConfigError where a table ``retention`` says something that cannot be."""
    table.only((VERSIONS, RAW))
    for key in table.values:
        _days(table, key)


def of_project(home: Home, uuid: UUID) -> Retention:
    """Return what holds for a project. Raises HomeError where the configuration is faulty."""
    top = config.read(home)
    found: dict[str, int | None] = {}
    for table in (top, top.table("projects").table(str(uuid))):
        own = table.table("retention")
        check(own)
        found |= {key: _days(own, key) for key in own.values}
    return Retention(found.get(VERSIONS), found.get(RAW))


async def apply(workspace: Workspace) -> Dropped:
    """Drop what is no longer to be kept, in steps between which others can write.

    Raises:
        HomeError: the configuration is faulty; nothing was dropped.
        NotJournaled: it could not be journaled; nothing was dropped.
        StoreError: it could not be done, or not to its end.
    """
    kept = of_project(workspace.home, workspace.project.uuid)
    if kept == Retention():
        return Dropped()
    from memos_admin.backend import journal
    from memos_admin.backend.daemon import in_background
    from memos_admin.backend.upkeep import indexing
    from memos_admin.store import retaining

    event = journal.Event(
        "remove", workspace.project, details={"what": "texts", "kept": kept.words}
    )
    steps = [*_steps(kept.versions, retaining.VERSIONS), *_steps(kept.raw, retaining.RAWS)]
    writer = await workspace.open_writer()
    if not await writer.run(lambda c: any(texts.is_due(c, before) for texts, before in steps)):
        return Dropped()
    counts = dict.fromkeys(("versions", "raw"), 0)
    async with journal.journaled_async(workspace.home, event, "Nothing was dropped") as told:
        for texts, before in steps:
            what = "versions" if texts in retaining.VERSIONS else "raw"
            while some := await writer.run(partial(texts.drop, before=before)):
                counts[what] += some
        told.update(counts)
        if counts["versions"]:
            await in_background(partial(indexing.forget_removed, workspace.store_path))
    return Dropped(counts["versions"], counts["raw"])


def _steps(days: int | None, kinds: tuple[Texts, ...]) -> list[tuple[Texts, int]]:
    return [] if days is None else [(texts, now_ms() - days * _DAY_MS) for texts in kinds]


def _days(table: Table, key: str) -> int | None:
    value = table.values[key]
    if value is True:
        return None
    if value is False:
        return 0
    if isinstance(value, int) and 0 <= value <= _MOST_DAYS:
        return value
    raise table.error(
        key, _("must be true, false or a number of days, at most {most}.").format(most=_MOST_DAYS)
    )


def _words(days: int | None) -> str:
    if days is None:
        return "for ever"
    return f"for {days} day{'' if days == 1 else 's'}" if days else "not at all"
