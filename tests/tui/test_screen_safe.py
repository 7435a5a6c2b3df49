"""Screen-safe mode: nothing personal is seen anywhere; what is shown again is journaled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from textual.events import Paste
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from memos_admin.backend import display, journal, roster
from memos_admin.backend.home import Home
from memos_admin.backend.masking.pseudonyms import key_of, pseudonym
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.projects import Projects
from memos_admin.backend.screen_state import InterfaceState
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.watching.calm import Calm
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.desk.place import Place
from memos_admin.tui.preferences import Preferences
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.changing import EditMemory
from memos_admin.tui.screens.counted import CountedMemories
from memos_admin.tui.screens.dialogs import Ask
from memos_admin.tui.screens.evidence import EvidenceScreen
from memos_admin.tui.screens.export import ExportScreen
from memos_admin.tui.screens.hygiene import HygieneScreen
from memos_admin.tui.screens.jump import JumpBox
from memos_admin.tui.screens.projects import ProjectsScreen
from memos_admin.tui.screens.search import SearchScreen
from memos_admin.tui.screens.syncs import SyncsScreen
from memos_admin.tui.screens.viewer import Viewer
from memos_admin.tui.widgets.results import Results
from memos_admin.tui.widgets.row_list import RowList
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory, a_message
from tests.masking.canaries import CANARIES, EMAIL, PHONE, TEXT
from tests.tui.looking import (
    Look,
    at_both_sizes,
    main,
    misses,
    opened,
    press,
    rest,
    rows,
    seen,
    sees,
    until,
)
from tests.tui.terminal import Terminal
from tests.tui.test_hostile_terminal import (
    Walk,
    all_screens,
    chosen,
    exported,
    found,
    lists_and_texts,
    looked_back,
    projects,
    watched,
)
from tests.tui.test_overview import on

ELSEWHERE = {"FirstRun", "Opening", "EditMemory", "ChangeDialog"}
"""Screens on which nobody is seen yet, and those whose fields do not open with what is masked."""


@pytest.fixture(autouse=True)
def _lifted() -> Iterator[None]:
    yield
    display.draw(None)


async def fill(workspace: Workspace, service: Service, user: str = EMAIL) -> None:
    long = f"{'word ' * 395}{EMAIL} {PHONE} {'more ' * 200}"
    call = {"function": {"name": "mail", "arguments": f"{'x ' * 94}{EMAIL}"}}
    said = replace(
        a_message(TEXT), role_name=EMAIL, role_id=PHONE, tool_calls=(call,), raw={"content": TEXT}
    )
    service.say(user, f"talk {PHONE}", said, a_message(long, at="2025-06-11 09:30:00"))
    service.put(
        user,
        a_memory(
            "m1",
            TEXT,
            title=f"Contact {EMAIL}",
            tags=(EMAIL, PHONE),
            conversation_id=f"talk {PHONE}",
            sources=(Source("chat", excerpt=f"Write to {EMAIL}", role="user"),),
        ),
    )
    await roster.add_subjects(workspace, [SubjectRef("user", user), SubjectRef("user", "usr_4711")])
    await sync(workspace, SyncScope())


def assert_masked(look: Look, *more: str) -> None:
    lines = rows(look)
    widgets = look.app.screen.query(Widget)
    told = [f"{one.tooltip} {one.border_title} {one.border_subtitle}" for one in widgets]
    titles = f"{look.app.title} {look.app.sub_title}"
    shown = "\n".join((*lines, "".join(lines), *told, titles))
    assert [canary for canary in (*CANARIES, *more) if canary in shown] == []


def safe_app(workspace: Workspace, *, names: bool = False) -> MemosAdmin:
    preferences = Preferences(privacy=Privacy(True, names))
    return MemosAdmin(workspace.home, workspace, preferences=preferences)


def actions(workspace: Workspace) -> list[dict[str, object]]:
    """Return what the journal says was shown again."""
    assert journal.of(workspace.home).flush()
    return [
        {"what": entry.details.get("what"), "user": entry.user_id, "memory": entry.memory_id}
        for entry in entries(workspace.home)
        if entry.action == "reveal"
    ]


@at_both_sizes
@pytest.mark.timeout(300)
async def test_nothing_personal_is_seen_on_any_screen(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await fill(workspace, service)
    app = safe_app(workspace)
    async with app.run_test(size=size, notifications=True, tooltips=True) as look:
        await rest(look)
        assert_masked(look)
        await until(look, lambda: "masked" in seen(look))
        for pane in ("users", "conversations", "transcript", "memories", "detail"):
            main(look).go_to(pane)
            await rest(look)
            assert_masked(look)
            for keys in (("y",), ("Y",), ("R",), ("escape",), ("L",), ("C",), ("G",), ("g",)):
                main(look).go_to(pane)
                await press(look, *keys)
                assert_masked(look)
            while app.screen is not main(look):
                app.pop_screen()
                await rest(look)
        main(look).go_to("transcript")
        walk: tuple[tuple[str, ...], ...] = (
            ("enter",),
            ("escape",),
            ("w",),
            ("escape",),
            ("t",),
            ("escape",),
            ("e",),
            ("escape",),
            ("c",),
            ("escape",),
            ("p",),
            ("right",),
            ("right",),
            ("right",),
            ("escape",),
            ("f", "w", "r", "i", "t", "e"),
            ("escape", "escape"),
            ("ctrl+g", "t", "a", "l", "k"),
            ("escape", "escape"),
            ("P",),
            ("escape",),
            ("D",),
            ("escape",),
        )
        for step in walk:
            await press(look, *step)
            assert_masked(look)
        main(look).fetching.failed(f"MemOS did not take {EMAIL} at {PHONE}.")
        await rest(look)
        assert_masked(look)
        await press(look, "exclamation_mark")
        assert_masked(look)
    workspace.abandon()


@dataclass
class MaskedWalk(Walk):
    """A walk that looks for what is personal after each step, and types nothing that is."""

    looks_each_time = True

    async def check(self, after: str, *, rests: bool = True) -> None:
        """Fail where anything personal is seen."""
        if rests:
            await rest(self.look)
        self.seen.add(type(self.look.app.screen))
        assert_masked(self.look)

    async def paste(self) -> None:
        """Paste a word that is in every text."""
        self.look.app.post_message(Paste("to"))
        await self.check("paste")


@pytest.mark.timeout(300)
async def test_no_screen_that_a_walk_comes_to_shows_anything_personal(
    workspace: Workspace, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Calm, "after", lambda _self, _outcome: 0.2)
    await fill(workspace, service)
    Projects(workspace.home).add("other", base_url="http://127.0.0.1:9/api/openmem/v1")
    app = safe_app(workspace)
    seen_screens: set[type[Screen[Any]]] = set()
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as look:
        walk = MaskedWalk(look, cast("Terminal", None), "to", service, seen_screens)
        for part in (lists_and_texts, found, chosen, exported, looked_back, watched, projects):
            main(look).go_to("users")
            await walk.check(part.__name__)
            await part(walk)
            while app.screen is not main(look):
                app.pop_screen()
                await rest(look)
        await walk.keys("ctrl+p", "escape")
    looked_at = {screen.__name__ for screen in seen_screens}
    assert looked_at >= {screen.__name__ for screen in all_screens()} - ELSEWHERE


async def test_users_have_other_names_on_request(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service, "memos_user_123")
    app = safe_app(workspace, names=True)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as look:
        await rest(look)
        assert "user-" in seen(look)
        for pane in ("users", "conversations", "transcript", "memories", "detail"):
            main(look).go_to(pane)
            await rest(look)
            assert_masked(look, "memos_user_123", "usr_4711")
        for keys in (
            ("e",),
            ("escape",),
            ("c",),
            ("escape",),
            ("p",),
            ("escape",),
            ("R",),
            ("escape",),
            ("L",),
            ("C",),
        ):
            await press(look, *keys)
            assert_masked(look, "memos_user_123", "usr_4711")
    workspace.abandon()


async def test_a_filter_names_a_user_as_the_screen_does(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service, "memos_user_123")
    app = safe_app(workspace, names=True)
    name = pseudonym(key_of(workspace.home), "user", "memos_user_123")
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        await press(look, "ctrl+o")
        await sees(look, "Users and agents")
        assert "this user ·" not in seen(look)
        await press(look, "slash", *f"user:{name}", "enter")
        await sees(look, "this user ·")
        await misses(look, "roster")
        await press(look, "slash")  # what is typed on from has the name too
        await sees(look, f"user:{name}")
        assert_masked(look, "memos_user_123")
        await press(look, *["backspace"] * 3, *"zzz")
        await sees(look, f"{name[:-2]}zzz is not on the roster of this project.")
        await press(look, "escape", "escape", "escape")
        main(look).go_to("users")
        await press(look, "slash", *name)
        await until(look, lambda: len(main(look).desk.panes.users) == 1)
        assert_masked(look, "memos_user_123", "usr_4711")
    workspace.abandon()


async def test_names_are_those_of_the_home_that_is_shown(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await fill(workspace, service)
    elsewhere = Home(tmp_path / "elsewhere")
    app = MemosAdmin(elsewhere, workspace, preferences=Preferences(privacy=Privacy(True, True)))
    async with app.run_test(size=(120, 40)) as look:
        name = pseudonym(key_of(workspace.home), "user", "usr_4711")
        await until(look, lambda: name in seen(look), "the name that exports give")
    workspace.abandon()


async def test_the_key_masks_and_shows_again_and_that_is_journaled(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        assert PHONE in seen(look)
        await press(look, "m")
        await until(look, lambda: PHONE not in seen(look))
        assert_masked(look)
        assert actions(workspace) == []
        await press(look, "m")
        await until(look, lambda: PHONE in seen(look))
        assert [entry["what"] for entry in actions(workspace)] == ["everything"]
    workspace.abandon()


async def test_only_what_was_chosen_is_remembered(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service, "memos_user_123")
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "m")
        assert app.preferences.chosen == InterfaceState(mask=True)
        await press(look, "U", "U", "m")
        assert app.preferences.chosen == InterfaceState(mask=False, pseudonyms=False)
    workspace.abandon()


async def test_masking_again_gives_the_other_names_again(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service, "memos_user_123")
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "U")
        await sees(look, "masked, other names")
        await press(look, "m")
        await sees(look, "memos_user_123")
        assert "masked" not in rows(look)[0]
        await press(look, "m")
        await sees(look, "masked, other names")
        assert_masked(look, "memos_user_123")
        await press(look, "m", "U")
        assert_masked(look, "memos_user_123")
        await press(look, "U")
        await sees(look, "memos_user_123")
        await press(look, "m", "m")
        await sees(look, "memos_user_123", "masked")
    workspace.abandon()


async def test_every_screen_says_what_holds(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service)
    allowed = Projects(workspace.home).allow_writes(str(workspace.project.name), allowed=True)
    workspace.project = allowed
    path = workspace.home.config_path
    path.write_text(f"{path.read_text()}\n[journal]\nenabled = false\n")
    async with safe_app(workspace).run_test(size=(120, 40)) as look:
        await sees(look, "changes allowed")
        assert "masked" in rows(look)[0]
        main(look).fetching.failed(
            "MemOS did not answer in time, and what it should have said is not here."
        )
        holds = ("changes allowed", "not journaled: switched off", "masked")
        for key in ("ctrl+o", "e", "p", "Z", "c", "H", "i", "ctrl+r", "P"):
            await press(look, key)
            assert look.app.screen is not main(look), key
            for held in holds:
                assert held in rows(look)[0], key
            await press(look, "escape")
            assert look.app.screen is main(look), key
            for held in (*holds, "did not answer"):
                assert held in rows(look)[0], key
    workspace.abandon()


@at_both_sizes
async def test_the_key_works_while_one_types_and_on_other_screens(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    await fill(workspace, service)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=size, notifications=True) as look:
        await rest(look)
        await press(look, "f", *"write")
        await sees(look, "write")
        await press(look, "down")
        at = app.screen.query_one(Results).cursor
        await press(look, "ctrl+l")
        await sees(look, "are masked", "Search · masked ━")
        assert [type(screen) for screen in app.screen_stack[2:]] == [SearchScreen]
        assert app.screen.query_one(Results).cursor == at > 1
        assert_masked(look)
        await press(look, "ctrl+l")
        await until(look, lambda: EMAIL in seen(look), "what is masked no longer")
        await sees(look, "Search ━", "Everything is shown as it is")
        await press(look, "escape")
        assert app.screen is main(look)
    workspace.abandon()


async def test_the_key_of_other_names_works_on_the_screens_over_the_main_one(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service, "memos_user_123")
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40)) as look:
        await sees(look, "memos_user_123")
        main(look).go_to("memories")
        then = {"Q": ("enter", "enter"), "ctrl+r": ("tab",)}
        for key in ("p", "ctrl+o", "Z", "c", "H", "i", "Q", "8", "V", "R", "P", "ctrl+r"):
            await press(look, key, *then.get(key, ()))
            over = app.screen
            assert over is not main(look), key
            await press(look, "U")
            await until(look, lambda: app.screen_safe.state.pseudonyms, f"other names, {key}")
            assert app.screen is over, key
            await misses(look, "memos_user_123")
            await press(look, "U", "m")
            await until(look, lambda: not app.screen_safe.state.mask, f"all again, {key}")
            await press(look, "escape")
            await until(look, lambda: app.screen is main(look), f"back, {key}")
    workspace.abandon()


@at_both_sizes
async def test_a_whole_text_says_at_the_top_that_it_is_masked(
    workspace: Workspace, service: Service, size: tuple[int, int]
) -> None:
    """At the bottom, what is told would cover it."""
    await fill(workspace, service)
    async with opened(workspace, size) as look:
        main(look).go_to("memories")
        await press(look, "R", "m")
        await sees(look, "are masked", "· masked ━")
        assert isinstance(look.app.screen, Viewer)
        assert "masked" in rows(look)[0]
        await press(look, "escape", "R")
        assert "masked" in rows(look)[0]
        await press(look, "m")
        await misses(look, "masked ━")


async def test_screens_stay_where_they_were_and_are_masked(
    workspace: Workspace, service: Service
) -> None:
    """Each is drawn anew in its place, the cursor on its row, the typed words in their field."""
    await fill(workspace, service)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True, tooltips=True) as look:
        await rest(look)
        ways: tuple[tuple[type[object], tuple[str, ...], str], ...] = (
            (Viewer, ("R",), "as MemOS sent it"),
            (JumpBox, ("ctrl+g", *"talk"), "conversation talk"),
            (ChangesScreen, ("c", "down"), "Changes found"),
            (SyncsScreen, ("l",), "Syncs"),
            (EvidenceScreen, ("p", "left"), "Evidence"),
            (HygieneScreen, ("Z",), "Hygiene"),
            (ProjectsScreen, ("P",), "acme-prod"),
            (ExportScreen, ("e",), "First rows · all"),
            (Ask, ("w",), "Write the text to a file"),
        )
        for kind, keys, text in ways:
            if kind is not SyncsScreen:
                while app.screen is not main(look):
                    await press(look, "escape")
                main(look).go_to("memories")
            await press(look, *keys)
            screen = app.screen
            assert isinstance(screen, kind)
            lists: list[tuple[RowList[object] | Results, int]] = [
                (view, view.cursor)
                for view in screen.query()
                if isinstance(view, RowList | Results)
            ]
            for shown in (False, True):
                await press(look, "ctrl+l")
                await sees(look, text)
                assert app.screen is screen
                if not shown:
                    assert_masked(look)
                assert [(view, view.cursor) for view, _ in lists] == lists
    workspace.abandon()


async def test_an_edit_is_left_when_masking_begins_and_its_text_kept(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        kept: list[object] = []
        app.push_screen(EditMemory(("t", TEXT), None, note="", typed=kept.append))
        await press(look, *"more", "ctrl+l")
        await until(look, lambda: app.screen is main(look))
        assert kept == [("t", f"more{TEXT}")]
        assert_masked(look)
    workspace.abandon()


async def test_one_item_is_shown_until_one_moves_on(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service)
    app = safe_app(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await rest(look)
        await press(look, "M")
        await until(look, lambda: PHONE in seen(look))
        assert actions(workspace) == [{"what": "item", "user": EMAIL, "memory": "m1"}]
        main(look).go_to("users")
        await press(look, "j")
        await until(look, lambda: not app.screen_safe.revealing)
        await press(look, "k")
        await rest(look)
        assert_masked(look)
    workspace.abandon()


@pytest.mark.parametrize(
    ("user", "conversation", "said"),
    [
        (EMAIL, "c1", "It would have the user's id in it"),
        ("ann", "of zoe@acme.cn", "It would have an id in it that is masked."),
    ],
    ids=["user", "conversation"],
)
async def test_a_link_is_copied_whole_where_its_ids_are_shown_and_else_not_at_all(
    workspace: Workspace, service: Service, user: str, conversation: str, said: str
) -> None:
    service.put(user, a_memory("m1", TEXT, conversation_id=conversation))
    await roster.add_subjects(workspace, [SubjectRef("user", user)])
    await sync(workspace, SyncScope())
    app = safe_app(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await press(look, "L")
        await sees(look, said)
        assert app.clipboard == ""
        await press(look, "M", "L")
        await until(look, lambda: app.clipboard)
        assert app.clipboard == Place(SubjectRef("user", user), conversation, "m1").link
        await misses(look, "first takes it")
    workspace.abandon()


async def test_a_screen_over_the_main_one_says_that_one_thing_is_shown(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service)
    app = safe_app(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await rest(look)
        await press(look, "R")
        await sees(look, "as MemOS sent it · masked")
        await press(look, "escape", "M", "R")
        await sees(look, "as MemOS sent it · masked, but for one")
        await until(look, lambda: EMAIL in seen(look))
    workspace.abandon()


async def test_what_does_not_agree_is_shown_as_its_memory_is(
    workspace: Workspace, service: Service
) -> None:
    said = "My login code is 482931."
    service.say("ann", "c1", a_message(said))
    source = Source("chat", excerpt=said, role="user")
    told = "[user perspective] The user's login code is 482913."
    service.put("ann", a_memory("m1", told, conversation_id="c1", sources=(source,)))
    assert (await sync(workspace, SyncScope((SubjectRef("user", "ann"),), full=True))).complete
    app = safe_app(workspace)
    async with app.run_test(size=(160, 48), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await sees(look, "The memory says “[secret *]”")
        await press(look, "M")
        await sees(look, "The memory says “482913”")
        await press(look, "U")
        await sees(look, "The memory says “[secret *]”")
    workspace.abandon()


async def test_what_is_copied_is_masked_and_says_so(workspace: Workspace, service: Service) -> None:
    await fill(workspace, service)
    app = safe_app(workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await rest(look)
        await press(look, "Y")
        await until(look, lambda: "[phone **]" in app.clipboard)
        assert not any(canary in app.clipboard for canary in CANARIES)
        assert "\n" + "It is masked" in told_lines(look)
    workspace.abandon()


def told_lines(look: Look) -> str:
    """Return what is told, line by line."""
    return "".join(f"\n{note.message}" for note in look.app._notifications)


@pytest.mark.parametrize("spoken", ["en", "zh"])
async def test_what_is_told_of_a_copy_stands_apart_from_what_was_copied(
    workspace: Workspace, service: Service, spoken: str
) -> None:
    service.put("ann", a_memory("m1", "Call me on 13812345678 please"))
    assert (await sync(workspace, SyncScope((SubjectRef("user", "ann"),), full=True))).complete
    preferences = Preferences(privacy=Privacy(True, False), language=spoken)
    app = MemosAdmin(workspace.home, workspace, preferences=preferences)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        main(look).go_to("memories")
        await rest(look)
        await press(look, "Y")
        await until(look, lambda: told_lines(look))
        first, second = told_lines(look).strip().split("\n")
        assert app.clipboard.startswith("Call me on [")
        assert first.endswith(app.clipboard)
        assert " M " in second
    workspace.abandon()


def only_csv(folder: Path) -> str:
    """Return the name and the text of the only CSV in a folder."""
    (path,) = folder.glob("*.csv")
    return f"{path.name} {path.read_text(encoding='utf-8')}"


async def test_an_export_begins_as_masked_as_the_screens_are(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service)
    async with safe_app(workspace, names=True).run_test(size=(120, 40)) as look:
        await rest(look)
        main(look).go_to("transcript")
        await press(look, "e")
        await until(look, lambda: "● masked, other names" in seen(look))
        await until(look, lambda: "First rows · all" in seen(look))
        assert_masked(look)
        await press(look, "w")
        await until(look, lambda: "It is masked: " in seen(look))
        assert_masked(look)
        text = only_csv(workspace.home.exports_dir)
        assert [canary for canary in CANARIES if canary in text] == []
        await press(look, "e", *["down"] * 3, "right")
        await until(look, lambda: "● as it is" in seen(look))
        await until(look, lambda: "Masks are seen here only" in seen(look))
        assert_masked(look)


async def test_what_stands_above_and_below_a_list_is_masked_with_it(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service, "memos_user_123")
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        session, phone = main(look).session, Filter(text=PHONE)
        app.push_screen(CountedMemories(session, ("Top tags", PHONE), phone))
        await sees(look, f"Top tags · {PHONE}", f"with “{PHONE}”", f"Contact {EMAIL}")
        await sees(look, f"memos_user_123 · Fact · Contact {EMAIL}")
        await press(look, "ctrl+l")
        await sees(look, "memos_user_123 · Fact · Contact")
        assert_masked(look)
        app.action_pseudonyms()
        await sees(look, "Fact · Contact")
        assert_masked(look, "memos_user_123")
        await press(look, "slash", *"tag:none", "enter")
        await sees(look, "No memory passes the filter.")
        assert "Fact · Contact" not in seen(look)
    workspace.abandon()


async def test_what_a_number_of_the_overview_is_of_is_masked_with_its_line(
    workspace: Workspace, service: Service
) -> None:
    await fill(workspace, service)
    app = MemosAdmin(workspace.home, workspace)
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        await press(look, "ctrl+o")
        await on(look, "tags", PHONE)
        foot = app.screen.query_one(".pane--foot", Static)
        await until(look, lambda: PHONE in str(foot.render()))
        await press(look, "ctrl+l")
        assert "[phone **]" in str(foot.render())
        assert_masked(look)
    workspace.abandon()


SAYS_ID = "my id {0}, write to usr_4711"


async def say_id(workspace: Workspace, service: Service, user: str, also: str = "") -> None:
    service.say(user, "talk", a_message(f"{SAYS_ID.format(user)}{also}"))
    service.put(user, a_memory("m1", SAYS_ID.format(user), conversation_id="talk"))
    await roster.add_subjects(workspace, [SubjectRef("user", user), SubjectRef("user", "usr_4711")])
    await sync(workspace, SyncScope())


async def test_texts_that_were_laid_out_name_nobody_once_users_have_other_names(
    workspace: Workspace, service: Service
) -> None:
    await say_id(workspace, service, "u-88120")
    async with opened(workspace, (120, 40)) as look:
        await sees(look, SAYS_ID.format("u-88120"))
        for keys in (("m", "U"), ("U", "U"), ("m", "m")):
            await press(look, *keys)
            await sees(look, "masked, other names", "my id user-")
            assert_masked(look, "u-88120", "usr_4711")
        main(look).go_to("users")
        await press(look, "slash", *"u-88", "enter")  # nobody else is on the screen
        await press(look, "m", "m")
        await sees(look, "masked, other names", "my id user-")
        assert_masked(look, "usr_4711")
    workspace.abandon()


async def test_an_id_that_is_a_phone_has_its_other_name_in_texts_from_the_first_mask_on(
    workspace: Workspace, service: Service
) -> None:
    await say_id(workspace, service, PHONE)
    async with opened(workspace, (120, 40)) as look:
        await sees(look, SAYS_ID.format(PHONE))
        await press(look, "m")
        name = pseudonym(key_of(workspace.home), "user", PHONE)
        await sees(look, SAYS_ID.format(name))
        await misses(look, PHONE)
    workspace.abandon()


async def test_texts_name_nobody_who_came_after_they_were_laid_out(
    workspace: Workspace, service: Service
) -> None:
    late = "late_4712"
    await say_id(workspace, service, "u-88120", f"; {late}")
    async with safe_app(workspace, names=True).run_test(size=(120, 40)) as look:
        await sees(look, late)
        await roster.add_subjects(workspace, [SubjectRef("user", late)])
        main(look).reload()
        await misses(look, late)
    workspace.abandon()
