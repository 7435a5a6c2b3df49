"""The hygiene scan as a screen: rules with counts, the reason, folding, going to a memory and its evidence."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.hygiene import scan as scanning
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.hygiene.looking import Between
from memos_admin.backend.hygiene.pairs import Text
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.model import Filter
from memos_admin.backend.saved_filters import SavedFilters
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import filters_memories
from memos_admin.tui.jobs.scanning import Scanning
from memos_admin.tui.rows.hygiene import is_heading
from memos_admin.tui.screens import hygiene
from memos_admin.tui.screens.evidence import EvidenceScreen
from memos_admin.tui.screens.hygiene import HygieneScreen
from memos_admin.tui.screens.queue import QueueScreen
from tests.backend.service import Service, a_memory
from tests.tui.looking import (
    Look,
    at_both_sizes,
    go_to_user,
    main,
    misses,
    opened,
    press,
    rows,
    sees,
    told,
    until,
)
from tests.tui.story import TRIP, Stories, tell_story

RENT = "The user's rent is {} euros a month."


def tell_of_rents(service: Service) -> None:
    """A user of whom two rents are remembered, and an illness of his sister."""
    tell_story(service)

    def said(memory_id: str, text: str, title: str, day: int) -> None:
        at = f"2026-11-{day:02}T08:00:00Z"
        memory = a_memory(
            memory_id, text, title=title, conversation_id="rent", create_time=at, update_time=at
        )
        service.put(TRIP.external_id, memory)

    said("m-rent", RENT.format(900), "Rent", 1)
    said("m-new-rent", RENT.format(950), "New rent", 2)
    said("m-sister", "The user's sister has asthma.", "Sister", 3)


@pytest.fixture
async def rented(home: Home, service: Service, stories: Stories) -> AsyncIterator[Workspace]:
    workspace = await stories.copied(home, service, tell_of_rents)
    yield workspace
    workspace.abandon()


async def begun(look: Look) -> HygieneScreen:
    """Open the screen for the user."""
    await go_to_user(look, TRIP.external_id)
    await press(look, "Z")
    screen = look.app.screen
    assert isinstance(screen, HygieneScreen)
    return screen


async def done(look: Look, screen: HygieneScreen) -> None:
    """Return when everything was looked at and is shown."""

    def is_shown() -> bool:
        state = screen.state.scanning
        return state is not None and state.state == "done" and screen._news == state.news

    await until(look, is_shown, "done")


async def test_a_low_terminal_has_rows_of_the_list_and_the_reason(rented: Workspace) -> None:
    async with opened(rented, (60, 15)) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "home")
        await sees(look, "▾ contradiction", "New rent", "Why")
        assert screen._list.size.height >= 4


@at_both_sizes
async def test_findings_by_rule_with_the_reason_and_the_way_to_memory_and_evidence(
    rented: Workspace, size: tuple[int, int]
) -> None:
    async with opened(rented, size) as look:
        screen = await begun(look)
        await done(look, screen)
        assert screen.state.scanning is not None
        counts = +screen.state.scanning.counts
        assert (counts["contradiction"], counts["other-person"], counts["sensitive"]) == (1, 1, 1)
        assert len(screen._list) == len(RULES) + counts.total()
        await press(look, "home")  # the cursor is on what was found first
        await sees(look, "▾ contradiction", "New rent", "other person's data")
        await press(look, "down")
        await told(look, "an earlier memory says “The user's rent is 900 euros a month”")
        await press(look, "p")
        evidence = look.app.screen
        assert isinstance(evidence, EvidenceScreen)
        await until(look, lambda: evidence._list.row)
        assert evidence._list.row is not None
        assert evidence._list.row.memory is not None
        assert evidence._list.row.memory.memory_id == "m-new-rent"
        await press(look, "escape", "enter")
        desk = main(look).desk
        await until(
            look, lambda: desk.detail.memory and desk.detail.memory.memory_id == "m-new-rent"
        )


async def test_rules_fold_everyone_is_looked_at_and_the_command_is_copied(
    rented: Workspace,
) -> None:
    async with opened(rented, (120, 40)) as look:
        screen = await begun(look)
        await done(look, screen)
        whole, rules = len(screen._list), sum(map(is_heading, screen._list.keys))
        await press(look, "home", "enter")
        assert len(screen._list) == whole - 1
        await press(look, "v")
        assert len(screen._list) == whole
        await press(look, "v")
        assert len(screen._list) == rules
        await press(look, "v", "home", "right")
        assert screen._list.row is not None
        assert screen._list.row.rule == "other-person"
        await press(look, "C")
        assert look.app.clipboard.endswith(f"hygiene scan --user={TRIP.external_id} --limit=0")
        mine = screen.state.scanning
        await press(look, "u")
        await until(look, lambda: screen.state.scanning is not mine)
        await done(look, screen)
        await sees(look, "everyone")
        assert screen.state.scanning is not None
        found = screen.state.scanning.kept.values()
        assert len({one.ref for some in found for one in some}) > 1
        await press(look, "escape", "Z")
        again = look.app.screen
        assert isinstance(again, HygieneScreen)
        assert not again.state.everyone
        await done(look, again)
        await press(look, "C")
        assert look.app.clipboard.endswith(f"hygiene scan --user={TRIP.external_id} --limit=0")


async def test_words_narrow_it_until_they_are_dropped(rented: Workspace) -> None:
    async with opened(rented, (120, 40)) as look:
        screen = await begun(look)
        await done(look, screen)
        whole = len(screen._list)
        await press(look, "slash", *"asthma", "enter")
        await until(look, lambda: screen.state.scanning and screen.state.scanning.progress.of == 1)
        await done(look, screen)
        await sees(look, "looked at 1 of 1 memories")
        await press(look, "escape")
        await until(look, lambda: len(screen._list) == whole)


async def test_its_filter_is_that_of_the_memories(rented: Workspace, size: tuple[int, int]) -> None:
    async with opened(rented, size) as look:
        screen = await begun(look)
        await done(look, screen)
        before = screen.state.scanning
        assert before is not None
        await press(look, "slash", *"view:fac")
        await sees(look, "fact")  # is offered
        await press(look, "tab", *" rent", "enter")
        wanted = Filter(views=frozenset({"detail_factual"}), text="rent", subject=TRIP)
        await until(look, lambda: screen.state.scanning and screen.state.scanning.wanted == wanted)
        await done(look, screen)
        await sees(look, "view Fact", "New rent")
        await misses(look, "Sister")
        await misses(look, "as the memories are filtered")
        found = screen.command()
        assert {"--view=detail_factual", "--text=rent"} < {*found.words}

        # What is no filter is told with its column, and what was there stays.
        await press(look, "slash", *"viw:fact", "enter")
        await told(look, "Column 16: There is no field viw. Did you mean view?")
        assert screen._wanted == wanted
        await press(look, "escape", "slash", *"sort:title")
        await told(look, "Findings have an order of their own.")
        await press(look, "escape", "slash", *"user:zora")
        await told(look, "This is about one user. u shows everyone's.")
        await press(look, "escape")
        assert screen._wanted == wanted

        # The last condition goes first; what was scanned before the field was opened is not scanned again.
        await press(look, "escape", "escape")
        await until(look, lambda: screen._wanted == Filter(subject=TRIP))
        await done(look, screen)
        shown = screen.state.scanning
        await press(look, "slash", *"no such words")
        await press(look, "escape")
        await until(look, lambda: screen.state.scanning is shown)
        await press(look, "escape")
        assert look.app.screen is main(look)


async def test_a_scan_begins_anew_once_a_filter_is_typed_not_at_each_key(
    rented: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_with: list[Filter] = []

    class Counted(Scanning):
        def __init__(self, whose: Any, wanted: Filter, settings: Any) -> None:
            super().__init__(whose, wanted, settings)
            begun_with.append(wanted)

    monkeypatch.setattr(hygiene, "Scanning", Counted)
    async with opened(rented, (80, 24)) as look:
        screen = await begun(look)
        await done(look, screen)
        monkeypatch.setattr(filters_memories, "SETTLED", 3600)
        await press(look, "slash")
        for key in "ren":
            await look.press(key)
            await look.pause()
        assert screen.chosen.text == "ren"
        assert len(begun_with) == 1
        await press(look, "escape")
        assert (screen.chosen.text, len(begun_with)) == ("", 1)
        monkeypatch.setattr(filters_memories, "SETTLED", 0)
        await press(look, "slash", *"rent")
        await done(look, screen)
        assert [wanted.text for wanted in begun_with][-1] == "rent"


@at_both_sizes
async def test_where_nothing_was_found_it_is_said_once_with_the_rules_that_looked(
    rented: Workspace, size: tuple[int, int]
) -> None:
    path = rented.home.config_path
    with path.open("a", encoding="utf-8") as config:
        config.write('\n[hygiene]\noff = ["no-source"]\n')
    path.chmod(0o600)
    async with opened(rented, size) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "slash", *"900", "enter")
        await told(look, "No rule found anything in what passes the filter.")
        await told(look, "Rules that looked: contradiction, near-duplicate,", "low confidence.")
        await sees(look, "off in config.toml: no source")
        await misses(look, "contradiction       0")


async def test_a_filter_that_no_memory_passes_is_no_clean_bill(rented: Workspace) -> None:
    async with opened(rented, (120, 40)) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "slash", *"tag:no-such-tag", "enter")
        await sees(look, "No memory passes the filter, so none was looked at.")
        await misses(look, "No rule found anything")


async def test_everyones_are_narrowed_to_a_user_by_the_filter(rented: Workspace) -> None:
    async with opened(rented, (120, 40)) as look:
        screen = await begun(look)
        await press(look, "u", "slash", *f"user:{TRIP.external_id}", "enter")
        await until(look, lambda: screen._ref == TRIP)
        await done(look, screen)
        await sees(look, f"Hygiene · {TRIP.external_id}")
        assert screen.command().subject == TRIP
        await press(look, "escape")
        await sees(look, "Hygiene · everyone")
        await press(look, "slash", *f"user:{TRIP.external_id}", "enter", "u", "u")
        await sees(look, "Hygiene · everyone")


async def test_saved_filters_are_those_of_the_memories(rented: Workspace) -> None:
    filters = SavedFilters(rented.home, rented.project)
    filters.save("rents", "view:fact rent sort:title")
    async with opened(rented, (120, 40)) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "apostrophe")
        await sees(look, "Saved filters", "rents · view:fact rent sort:title")
        await press(look, "home", "enter")
        wanted = Filter(views=frozenset({"detail_factual"}), text="rent")
        await until(look, lambda: screen.chosen == wanted)
        await press(look, "slash", *"updated:9000d", "enter")
        await press(look, "apostrophe", "end", "up", "up", "enter", *"recent", "enter")
        await told(look, "Saved the filter recent.")
        assert filters.get("recent").typed == "view:fact rent updated:9000d"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold a scan behind what it found first."""
    goes_on, look_at = threading.Event(), Between.look

    def look(self: Between, text: Text) -> Iterator[Finding]:
        assert goes_on.wait(60)
        yield from look_at(self, text)

    monkeypatch.setattr(Between, "look", look)
    monkeypatch.setattr(scanning, "_BATCH", 1)
    yield goes_on
    goes_on.set()


async def test_the_first_rows_are_there_while_it_looks_and_it_can_be_stopped(
    rented: Workspace, held: threading.Event
) -> None:
    async with opened(rented, (120, 40)) as look:
        await go_to_user(look, TRIP.external_id)
        await look.press("Z")
        await until(look, lambda: isinstance(look.app.screen, HygieneScreen))
        screen = look.app.screen
        assert isinstance(screen, HygieneScreen)
        await until(look, lambda: len(screen._list) > 1)
        await sees(look, "comparing pairs · 0 of", "x stops")
        await look.press("x")
        held.set()
        await until(
            look, lambda: screen.state.scanning and screen.state.scanning.state == "stopped"
        )
        await sees(look, "not all is here", "r again")
        await press(look, "r")
        await done(look, screen)
        await sees(look, "looked at")


async def test_findings_are_gone_through_and_judged_with_why_they_were_found(
    rented: Workspace, size: tuple[int, int]
) -> None:
    async with opened(rented, size) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "home", "Q")
        await sees(look, "contradiction · 1", "all rules ·")
        await press(look, "enter")
        await sees(look, "1 of 1 · 0 judged by you", "findings · contradiction")
        await told(look, "contradiction: It says “The user's rent is 950 euros a month”")
        await sees(look, RENT.format(900))
        await press(look, "C")
        line = look.app.clipboard
        assert f"verdicts queue findings --user={TRIP.external_id} --rule=contradiction" in line
        await press(look, "2", "escape", "Q", "enter")
        await told(look, "all of it was judged as it says now")
        await press(look, "Q", "down", "enter")
        queue = look.app.screen
        assert isinstance(queue, QueueScreen)
        await until(look, lambda: queue._found)
        names = await gone_through(look, queue)
        assert "m-sister" in names
        assert "m-new-rent" not in names
        await press(look, "enter")
        desk = main(look).desk
        await until(look, lambda: desk.detail.memory and desk.detail.memory.memory_id == names[-1])
        await press(look, "Q", *["down"] * 7, "enter")
        await sees(look, "findings")


async def gone_through(look: Look, queue: QueueScreen) -> list[str]:
    """Go to the end of a queue; return its memories, of each of which it is said why it is there."""
    names = list[str]()
    assert queue._opened is not None
    for _item in queue._opened.items:
        await until(look, lambda: queue._whys)
        assert queue._found is not None
        names.append(queue._found.memory.memory_id)
        if len(names) < len(queue._opened.items):
            await press(look, "n")
    return names


async def test_a_scan_is_begun_from_the_choice_of_queues(rented: Workspace) -> None:
    async with opened(rented, (80, 24)) as look:
        await press(look, "Q", *["down"] * 4, "enter")
        await until(look, lambda: isinstance(look.app.screen, HygieneScreen))


@at_both_sizes
async def test_rules_that_found_nothing_or_are_off_are_named(
    rented: Workspace, size: tuple[int, int]
) -> None:
    path = rented.home.config_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[hygiene]\noff = ["no-source", "sensitive"]\n')
    async with opened(rented, size) as look:
        screen = await begun(look)
        await done(look, screen)
        assert screen.state.scanning is not None
        none = [
            rule
            for rule in screen.state.scanning.settings.rules
            if not screen.state.scanning.counts[rule]
        ]
        assert none
        await press(look, "v", "end")
        await sees(look, "· no source", "· sensitive topic", "off in config.toml")
        for rule in none:
            (row,) = (row for row in rows(look) if f"· {DESCRIBED[rule].name}" in row)
            assert row.split()[-2] == "0"
        if size == (120, 40):
            await sees(look, "off in config.toml: sensitive topic, no source")
        await press(look, "Q")
        await told(look, "all rules")


async def test_where_nothing_was_found_nothing_is_gone_through(rented: Workspace) -> None:
    async with opened(rented, (80, 24)) as look:
        screen = await begun(look)
        await done(look, screen)
        await press(look, "slash", *"no such words", "enter")
        await sees(look, "No memory passes the filter")
        await press(look, "Q")
        await told(look, "nothing was found")
