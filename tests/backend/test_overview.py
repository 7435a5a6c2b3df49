"""The overview of a project: each number is that of the list which it leads to, and says its bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC

import pytest

from memos_admin.backend import roster
from memos_admin.backend.filter_language import parse
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.overview import (
    SECTIONS,
    Section,
    narrowed,
    overview,
    subject_keys,
    unlisted_keys,
)
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.verdicts.giving import Judgement, give
from memos_admin.backend.workspace import Workspace
from memos_admin.store import changes, listings
from memos_admin.store import overview as stored
from memos_admin.store.errors import StoreInterrupted
from memos_admin.store.vanishing import note_gone
from tests.backend.service import Service, a_memory, a_message

ANN, BOB, NEW = (SubjectRef("user", name) for name in ("ann", "bob", "new"))


@pytest.fixture
async def read(workspace: Workspace, service: Service) -> AsyncIterator[Reads]:
    """Two users who share a memory, one of whose memories is gone and one changed; a third not read."""
    now = now_ms()
    for ref in (ANN, BOB):
        name = ref.external_id
        service.say(name, "talk", a_message("hello"))
        service.put(name, a_memory("shared", "both have it", tags=("home",)))
        for n, days in enumerate((0, 3, 20, 60, 200, 500)):
            service.put(
                name,
                a_memory(
                    f"{name}-{n}",
                    f"{name} says {n}",
                    view=("preference", "detail_factual")[n % 2],
                    status=("activated", "archived")[n == 4],
                    tags=("home", f"tag {n}") if n < 3 else (),
                    conversation_id="talk",
                    update_time=str(now - days * stored.DAY - 60_000),
                ),
            )
    await roster.add_subjects(workspace, [ANN, BOB])
    await sync(workspace, SyncScope((ANN, BOB)))
    del service.memories["user", "ann"]["ann-1"]
    service.put(
        BOB.external_id,
        a_memory("bob-0", "bob says else", view="preference", tags=("home", "tag 0")),
    )
    for _time in range(2):
        await sync(workspace, SyncScope((ANN, BOB), full=True))
    with workspace.open_reads() as reads:
        yield reads


def counted(reads: Reads, wanted: Filter | None = None) -> dict[str, Section]:
    """Return the sections at the end."""
    found: dict[str, Section] = {}
    for step in overview(reads, wanted or Filter(), now_ms(), UTC):
        assert 0 <= step.done <= step.of
        found |= {section.name: section for section in step.sections}
    assert set(found) == set(SECTIONS)
    assert all(section.whole for section in found.values())
    return found


@pytest.mark.parametrize(
    "text", ["", "user:ann", "view:preference", "tag:home vanished:yes", "-tag:home says"]
)
async def test_each_number_is_that_of_the_list_behind_it(read: Reads, text: str) -> None:
    wanted, now = parse(text), now_ms()
    led = 0
    for section in counted(read, wanted).values():
        for row in section.rows:
            behind = narrowed(wanted, section.name, row.item, now)
            if section.name in {"users", "readings"}:
                keys = subject_keys(read, wanted, section.name, row.item, now)
                assert row.count == len(read.subjects(keys))
            elif behind is not None:
                assert row.count == read.memory_count(behind), (section.name, row.item)
                led += 1
            elif (unlisted := unlisted_keys(read, wanted, section.name, row.item)) is not None:
                assert row.count == len(unlisted), (section.name, row.item)
            assert not row.by or sum(row.by.values()) == row.count
    assert led > 5 - (text != "") * 2


async def test_parts_of_any_size_add_up(read: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = counted(read)
    monkeypatch.setattr(listings, "FEW", 2)
    steps = list(overview(read, Filter(), now_ms(), UTC))
    assert len(steps) > 6
    in_parts = {one.name: one for step in steps for one in step.sections}
    assert {name: one.rows for name, one in in_parts.items()} == {
        name: one.rows for name, one in whole.items()
    }
    unfinished = [one for step in steps for one in step.sections if not one.whole]
    assert unfinished
    assert {row.bound for one in unfinished for row in one.rows} == {"least"}


async def test_who_was_never_listed_makes_memories_a_lower_bound(
    workspace: Workspace, read: Reads
) -> None:
    assert {row.bound for row in counted(read)["views"].rows} == {"exact"}
    await roster.add_subjects(workspace, [NEW])
    found = counted(read)
    assert {row.bound for row in found["views"].rows} == {"least"}
    assert {row.item: row.count for row in found["users"].rows}["never"] == 1
    assert {row.bound for row in counted(read, Filter(subject=ANN))["views"].rows} == {"exact"}


async def test_what_is_not_looked_at_has_no_number(read: Reads) -> None:
    rows = {row.item: row for row in counted(read)["problems"].rows}
    assert rows["store"].count is None
    assert rows["store"].bound == "unknown"
    assert "store" not in {row.item for row in counted(read, Filter(subject=BOB))["problems"].rows}


async def test_days_tell_what_was_found(read: Reads) -> None:
    today, *before = counted(read)["days"].rows
    assert today.count == sum(today.by.values()) == 14 + 1 + 1
    assert today.by == {"added": 14, "changed": 1, "vanished": 1}
    assert not before


async def test_an_archived_memory_is_not_gone(
    workspace: Workspace, service: Service, read: Reads
) -> None:
    mine = service.memories["user", "ann"]
    for name, status in (("ann-0", "archived"), ("ann-2", "archived"), ("ann-3", "deleted")):
        service.details[name] = replace(mine.pop(name), status=status)
    await sync(workspace, SyncScope((ANN,), full=True))
    found = counted(read)
    views = {row.item: row for row in found["views"].rows}
    assert (views["archived"].count, views["archived"].by) == (2, {"preference": 2})
    assert views["vanished"].count == 2
    statuses = {row.item: row.count for row in found["statuses"].rows}
    assert statuses["archived"] == 2 + 2
    (today,) = found["days"].rows
    assert (today.by["archived"], today.by["vanished"]) == (2, 2)
    assert (
        sum(changes.count(read.query, 0, kinds=("added", "changed", "vanished")).values())
        == today.count
    )
    keys = unlisted_keys(read, Filter(), "views", "archived")
    assert keys is not None
    assert {one.memory_id for one in read.memories(keys)} == {"ann-0", "ann-2"}
    assert len(unlisted_keys(read, Filter(), "statuses", "archived") or ()) == 4
    # MemOS may have lost it since.
    await (await workspace.open_writer()).run(
        lambda connection: note_gone(
            connection, "ann-2", reason="not found", status=None, now=now_ms()
        )
    )
    views = {row.item: row for row in counted(read)["views"].rows}
    assert (views["archived"].count, views["vanished"].count) == (1, 3)


async def test_verdicts_are_counted_by_view(workspace: Workspace, read: Reads) -> None:
    await give(workspace, Judgement("ann-0", 1, "wrong", ref=ANN))
    await give(workspace, Judgement("shared", 1, "correct", ref=ANN))
    rows = {row.item: row for row in counted(read)["verdicts"].rows}
    assert rows["preference"].by == {"wrong": 1}
    assert rows["detail_factual"].by == {"correct": 1}
    assert rows["preference"].share is None
    assert not counted(read, Filter(subject=BOB, views=frozenset({"preference"})))["verdicts"].rows


async def test_many_tags_are_a_lower_bound(read: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_TAGS", 2)
    found = counted(read)["tags"]
    assert found.rows[0].item == "home"
    assert {row.bound for row in found.rows} == {"least"}


async def test_it_is_stopped(read: Reads) -> None:
    steps = overview(read, Filter(), now_ms(), UTC)
    assert {one.name for one in next(steps).sections} == {"users", "readings"}
    read.interrupt()
    with pytest.raises(StoreInterrupted):
        list(steps)


async def test_what_cannot_be_counted_is_refused(read: Reads) -> None:
    with pytest.raises(ValueError, match="now"):
        overview(read, Filter(as_of=1), now_ms(), UTC)
    with pytest.raises(LookupError):
        overview(read, Filter(subject=SubjectRef("user", "nobody")), now_ms(), UTC)
