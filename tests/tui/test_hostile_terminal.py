"""Hostile texts on every screen, judged by the bytes that reach a real pseudo-terminal.

Nothing reaches it but what Textual and we send ourselves, and the rows of a terminal are those that
the app believes to have drawn: nothing is shifted, no row is lost. A screen that no walk comes to
fails a test.
"""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import pytest
import tomlkit
from textual import events
from textual.screen import Screen
from textual.widgets import Input

import memos_admin.tui
from memos_admin.backend.changing.said import Said
from memos_admin.backend.home import Home
from memos_admin.backend.jump import FoundTask
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.watching.calm import Calm
from memos_admin.backend.watching.task import Came
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import Refused
from memos_admin.tui import app as app_module
from memos_admin.tui import importing
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.jobs.restoring import _Working
from memos_admin.tui.rows.live import Followed
from memos_admin.tui.screens.add_project import AddProject
from memos_admin.tui.screens.completeness import CompletenessScreen
from memos_admin.tui.screens.counted import CountedScreen, CountedSubjects
from memos_admin.tui.screens.dialogs import Ask, Choice
from memos_admin.tui.screens.evidence import EvidenceScreen
from memos_admin.tui.screens.first_run import FirstRun
from memos_admin.tui.screens.hygiene import HygieneScreen
from memos_admin.tui.screens.live import LiveScreen
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.screens.opening import Opening
from memos_admin.tui.screens.overview import OverviewScreen
from memos_admin.tui.screens.project_dialogs import NewKey, RemoveProject
from memos_admin.tui.screens.projects import ProjectsScreen
from memos_admin.tui.screens.questions import QuestionsScreen
from memos_admin.tui.screens.queue import QueueScreen
from memos_admin.tui.screens.recall import RecallScreen
from memos_admin.tui.screens.timeline import TimelineScreen
from memos_admin.tui.screens.verdicts import VerdictsScreen
from memos_admin.tui.screens.versions import VersionsScreen
from memos_admin.tui.widgets.row_list import RowList
from tests.backend.service import Service, a_memory
from tests.effort import LONG
from tests.hostile import HOSTILE, unsafe
from tests.tui.looking import PATIENCE, Look, main, press, rest, seen, told, until
from tests.tui.strangers import clean, fill
from tests.tui.terminal import Terminal, copied, drawn, foreign, on_terminal

pytestmark = [pytest.mark.terminal, pytest.mark.timeout(3600 if LONG else 300)]

SIZES = ((80, 24), (120, 40), (200, 50))
TEXTS = {name: text for name, text in HOSTILE.items() if text.strip()}
"""All of them are users and so on in every list; one has the dialogs, the viewer and the messages."""
WORST = {(80, 24): "bidi unbalanced", (120, 40): "osc 52 with st"}
"""Which one that is, and where; in the long form each of them, at the three sizes in turn."""
IN_TURN = [(SIZES[number % len(SIZES)], name) for number, name in enumerate(TEXTS)]
NOT_YET = "not yet"


class Watched(MemosAdmin):
    """The app, which counts what was pasted from the terminal."""

    pastes = 0

    async def on_event(self, event: events.Event) -> None:
        await super().on_event(event)
        self.pastes += isinstance(event, events.Paste)


@dataclass
class Walk:
    """A person at a terminal, who looks at what it was sent after each step.

    Attributes:
        text: what a stranger wrote; `service`: that has it.
        seen: the screens that one was on.
    """

    look: Look
    terminal: Terminal
    text: str
    service: Service
    seen: set[type[Screen[Any]]] = field(default_factory=set)

    looks_each_time: ClassVar[bool] = LONG
    """Whether it looks behind each key, not only behind the last of several."""

    async def keys(self, *keys: str) -> None:
        """Press keys one by one, and look: what the terminal was sent for those before is seen through then."""
        for number, key in enumerate(keys, 1):
            await press(self.look, key)
            self.seen.add(type(self.look.app.screen))
            if self.looks_each_time or number == len(keys):
                await self.check(key)

    async def check(self, after: str, *, rests: bool = True) -> None:
        """Fail where the terminal was sent what it obeys, or shows something else than was drawn.

        Once all work `rests`; a watch never does.
        """
        app = self.look.app
        await until(self.look, lambda: app.size == (self.terminal.columns, self.terminal.lines))
        if isinstance(app.screen, Opening):  # it waits for us
            await until(self.look, app.screen.painted.is_set)
            await self.look.pause()
        elif rests:
            await rest(self.look)
        self.seen.add(type(app.screen))
        where = f"{type(app.screen).__name__} after {after}"

        def agrees() -> bool:  # what time takes away is drawn a moment later
            sent = self.terminal.sent_until_now(app)
            assert foreign(sent) == [], where
            pasted = "".join(copied(sent)).replace("\u200c", "").replace("\u200d", "")
            assert unsafe(pasted, newlines=True) == [], where
            return self.terminal.shows(sent) == drawn(self.look)

        await until(self.look, agrees, f"what the terminal shows:\n{self.terminal.text}\n{where}")

    async def paste(self) -> None:
        """Paste the text into the field that has the focus, as a terminal does."""
        focused = self.look.app.focused
        assert focused is not None
        # What would end the pasting is what terminals take out of a clipboard.
        text = self.text[:2000].replace("\x1b[201~", "").replace("\x1b", "")
        app = self.look.app
        assert isinstance(app, Watched)
        before = app.pastes
        self.terminal.type(f"\x1b[200~{text}\x1b[201~")
        await until(self.look, lambda: app.pastes > before, "what was pasted")
        await self.check("paste")

    async def to(self, kind: type[Screen[Any]]) -> None:
        """Wait for a screen."""
        await until(self.look, lambda: isinstance(self.look.app.screen, kind), kind.__name__)
        await self.check(f"the way to {kind.__name__}")


async def lists_and_texts(walk: Walk) -> None:
    """Every pane of the main screen, each of its lists to the end; the viewer; raw JSON."""
    await walk.keys("g", *["pagedown"] * 3, "g")
    for _pane in range(4):
        await walk.keys("tab", "end", "home")
    await walk.keys("shift+tab", "z", "z", "enter", "R", "pagedown", "escape", "escape")
    await walk.keys("tab", "enter", "space", "R", "escape", "escape")


async def copied_and_told(walk: Walk) -> None:
    """Toasts, an error in the top line and read whole, what the help says."""
    await walk.keys("y", "Y", "L", "C")
    main(walk.look).fetching.failed(walk.text)
    await walk.check("an error")
    await walk.keys("exclamation_mark", "pagedown", "escape")
    main(walk.look).say(walk.text)
    await walk.check("a toast")
    await walk.keys("question_mark", "pagedown", "slash")
    await walk.paste()
    await walk.keys("escape", "escape")


async def found(walk: Walk) -> None:
    """Searching, going anywhere, what changed, the syncs."""
    await walk.keys("f")
    await walk.paste()
    await walk.keys("tab", "down", "escape")
    await walk.keys("f", "e", "down", "pagedown", "ctrl+o", "ctrl+t", "escape")
    await walk.look.press("ctrl+r")
    await walk.to(RecallScreen)
    await walk.paste()
    await walk.keys("enter", "G", "plus", "w", "escape", "space", "c", "escape", "t")
    await walk.paste()
    await walk.keys("enter", "escape", "o")
    await walk.paste()
    await walk.keys("enter", "v", "escape", "question_mark", "escape")
    recalled = main(walk.look).recalled
    assert recalled is not None
    recalled.questions.file = question_file(walk, recalled.ref.external_id)
    await walk.look.press("apostrophe")
    await walk.to(QuestionsScreen)
    await walk.keys("a", "j", "e", "enter")
    await walk.paste()
    await walk.keys("enter", "escape", "question_mark", "escape", "o")
    await walk.paste()
    await walk.keys("enter", "escape", "enter", "w", "escape", "escape")
    await walk.keys("ctrl+g")
    await walk.paste()
    await walk.keys("escape")
    await walk.keys("ctrl+g", "e", "down", "pagedown", "escape")
    await walk.keys("Q", "enter")
    await walk.look.press("enter")
    await walk.to(QueueScreen)
    await walk.keys("2", "question_mark", "escape", "escape")
    await walk.keys("c", "pagedown", "G", "u", "escape" if _is_choice(walk) else "r", "l", "down")
    await walk.keys("escape", "escape")


def question_file(walk: Walk, user: str) -> str:
    """Return the path of a file whose questions say the text, about the user and about one of that name."""
    session, text = main(walk.look).session, f"a {clean(walk.text)[:90]} z"
    path = session.workspace.project.store_dir / "recall.toml"
    tables = [
        {"name": f"{text}{one}", "user": one, "ask": text, "must_contain": [{"words": text}]}
        for one in (user, text)
    ]
    path.write_text(tomlkit.dumps({"question": tables}))
    return str(path)


def _is_choice(walk: Walk) -> bool:
    return isinstance(walk.look.app.screen, Choice)


async def chosen(walk: Walk) -> None:
    """Dialogs in which one chooses, filters, adds, removes."""
    await walk.keys("t", "pagedown", "slash")
    await walk.paste()
    await walk.keys("escape", "escape", "v", "escape", "d", "escape")
    for keys in (("T",), ("a",), ("slash",), ("ctrl+f",), ("w",)):
        await walk.keys(*keys)
        if isinstance(walk.look.app.focused, Input):
            await walk.paste()
        await walk.keys("escape", "escape")
    await back_to_users(walk)
    await walk.keys("D", "escape", "tab", "D", "escape")


async def exported(walk: Walk) -> None:
    """The preview of each export, and the place where it goes."""
    await walk.keys("e", "right", "right", "tab", "right", "right", "tab", "tab")
    await walk.paste()
    await walk.keys("escape")


async def changed(walk: Walk) -> None:
    """What may be changed in MemOS: a memory, and all of a user."""
    for _pane in range(3):
        await walk.keys("tab")
    await walk.keys("E", "escape")
    await walk.keys("A", "escape")
    await walk.keys("X")
    if isinstance(walk.look.app.focused, Input):
        await walk.paste()
    await walk.keys("enter", "escape")
    await back_to_users(walk)
    await walk.keys("X")
    if isinstance(walk.look.app.focused, Input):
        await walk.paste()
    await walk.keys("enter", "escape", "escape")


async def edited(walk: Walk) -> None:
    """The fields of an edit, pasted into."""
    from memos_admin.tui.screens.changing import EditMemory

    walk.look.app.push_screen(
        EditMemory(("title", "text"), None, note="", typed=lambda _left: None)
    )
    await walk.to(EditMemory)
    await walk.paste()
    await walk.keys("shift+tab")
    await walk.paste()
    await walk.keys("escape")


async def looked_back(walk: Walk) -> None:
    """The evidence, what deserves cleaning, the days, how complete it is, the versions of a memory; a backup taking its place."""
    for key, kind in (
        ("p", EvidenceScreen),
        ("Z", HygieneScreen),
        ("H", TimelineScreen),
        ("i", CompletenessScreen),
    ):
        await walk.look.press(key)
        await walk.to(kind)
        await walk.keys("right", "right", "right", "pagedown", "question_mark", "escape", "escape")
    await walk.keys("Z", "u", "end", "Q")
    if _is_choice(walk):  # something was found
        await walk.look.press("enter")
        await walk.to(QueueScreen)
        await walk.keys("down", "n", "C", "E", "escape")
    await walk.keys("escape")
    await walk.look.press("ctrl+o")
    await walk.to(OverviewScreen)
    lines = walk.look.app.screen.query_one("#overview", RowList)

    def users() -> list[int]:
        found = (one for one in lines.shown_rows if one.section.name == "users")
        return [one.key for one in found if one.row]

    await until(walk.look, users, "users")
    lines.move_to_key(users()[0])
    await walk.look.press("enter")
    await walk.to(CountedSubjects)
    await walk.keys("end", "slash")
    await walk.paste()
    await walk.keys("enter", "escape", "escape")

    def tags() -> list[int]:
        found = (one for one in lines.shown_rows if one.section.name == "tags")
        return [one.key for one in found if one.row]

    await until(walk.look, tags, "tags")
    await walk.keys("pagedown", "pagedown", "pagedown", "end")
    lines.move_to_key(tags()[0])
    await walk.look.press("enter")
    await walk.to(CountedScreen)
    await walk.keys("end", "home", "escape", "u", "slash")
    await walk.paste()
    await walk.keys("enter")
    for _step in range(5):  # escape drops one thing at a time
        if isinstance(walk.look.app.screen, OverviewScreen):
            await walk.keys("escape")
    await walk.look.press("8")
    await walk.to(VerdictsScreen)
    await walk.keys("end", "right", "end", "right", "escape")
    for _pane in range(3):
        await walk.keys("tab")
    await walk.look.press("V")
    await walk.to(VersionsScreen)
    await walk.keys("n", "p", "pagedown", "escape")
    working = _Working(walk.text)
    walk.look.app.push_screen(working)
    await walk.to(_Working)
    working.dismiss(None)


async def projects(walk: Walk) -> None:
    """The projects, one of them connected, renamed, given a key, removed, tested."""
    await walk.keys("P")
    await until(walk.look, lambda: "other" in seen(walk.look))
    for key, kind in (("n", Ask), ("K", NewKey), ("d", RemoveProject), ("a", AddProject)):
        await walk.look.press(key)
        await walk.to(kind)
        await walk.paste()
        if kind is RemoveProject:
            await walk.keys("enter")
            assert isinstance(walk.look.app.screen, kind)  # it was not the name
        await walk.keys("escape")
        await walk.to(ProjectsScreen)
    await walk.keys("t", "escape")


async def keys_asked(walk: Walk) -> None:
    """The dialogs for keys, what is said in them, and the palette."""
    await walk.keys("ctrl+k")
    await walk.paste()
    await walk.keys("enter", "escape")
    main(walk.look)._ask_store_key()
    await walk.check("a passphrase")
    await walk.paste()
    await walk.keys("enter", "escape")
    await walk.keys("ctrl+p")
    await walk.paste()
    await walk.keys("escape")


def hostile_task(text: str) -> Followed:
    """Return a task whose id, state and memory say this."""
    task = FoundTask(text, text, 1, 1, 0, (("detail_factual", text),))
    said = Said(text, "detail_factual", text, text, text, SubjectRef("user", text), text)
    return Followed(text, 0, 0, task, [Came("detail_factual", text, "added", said)])


async def watched(walk: Walk) -> None:
    """A watch: whom it is about, what it finds, and why it ends."""
    watching, text = main(walk.look).watching, clean(walk.text)

    def refuse(_route: str, _name: str) -> None:
        raise Refused(text)

    await walk.keys("tab", "tab", "tab", "ctrl+w")
    await walk.look.press("enter")
    await until(walk.look, lambda: watching.mark.text.endswith(" s"), "a first answer")
    await walk.check("a watch", rests=False)
    for number, (kind, owner) in enumerate(list(walk.service.memories)):
        new = a_memory(f"{number} found {text[:40]}", text, title=text, update_time="2031-01-01")
        walk.service.put(owner, new, kind=kind)
    await told(walk.look, "Found: 1 change")
    await walk.check("what it found", rests=False)
    await walk.look.press("ctrl+w")
    await until(walk.look, lambda: isinstance(walk.look.app.screen, LiveScreen), "its list")
    watching.tasks.append(hostile_task(walk.text))
    watching.news += 1
    await until(walk.look, lambda: len(walk.look.app.screen.query_one(RowList)) > 2, "a task")
    await walk.check("the list of what it found", rests=False)
    await walk.look.press("escape")
    walk.service.trouble = refuse
    await until(walk.look, lambda: not watching.on, "its end")
    walk.service.trouble = lambda _route, _name: None
    await walk.check("its end")
    await walk.keys("exclamation_mark", "escape")


async def back_to_users(walk: Walk) -> None:
    """Leave whatever has the focus for the list of users."""
    main(walk.look).go_to("users")
    await walk.check("going to the users")


Part = Callable[[Walk], Awaitable[None]]
AT_ALL_SIZES: tuple[Part, ...] = (lists_and_texts, copied_and_told)
AT_ONE: tuple[Part, ...] = (
    found,
    chosen,
    exported,
    changed,
    edited,
    looked_back,
    watched,
    projects,
    keys_asked,
)


@pytest.fixture
async def strange(isolated: Any, service: Service) -> Workspace:
    """A project that may be changed, with all hostile texts in it, beside another one."""
    home = Home(isolated)
    Projects(home).add("other", base_url="http://127.0.0.1:9/api/openmem/v1")
    Projects(home).add("acme-prod", base_url="http://127.0.0.1:9/api/openmem/v1")
    project = Projects(home).allow_writes("acme-prod", allowed=True)
    opened = Workspace(project, home)
    opened.use_remote(service)
    await fill(opened, service, *TEXTS.values())
    return opened


async def looked_at(
    app: MemosAdmin,
    through: Callable[[Walk], Awaitable[None]],
    *,
    patch: pytest.MonkeyPatch,
    size: tuple[int, int],
    text: str,
    service: Service,
) -> set[type[Screen[Any]]]:
    """Walk through an app on a terminal; return the screens that were seen."""
    terminal = Terminal(*size)
    screens: set[type[Screen[Any]]] = set()

    async def walk(look: Look) -> None:
        await through(Walk(look, terminal, text, service, screens))

    try:
        await on_terminal(app, terminal, walk, patch)
    finally:
        app.remembering.close(PATIENCE)
        terminal.close()
    return screens


def late(imported: threading.Event, name: str) -> Any:
    """Import a module; the main screen only when a test lets it."""
    if name != NOT_YET:
        return importlib.import_module(name)
    assert imported.wait(PATIENCE)
    return None


@pytest.mark.parametrize(
    ("size", "name"),
    [*dict.fromkeys([*IN_TURN, *WORST.items()])] if LONG else [*WORST.items()],
    ids=str,
)
async def test_no_screen_lets_a_terminal_be_driven(
    strange: Workspace,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    name: str,
) -> None:
    number = list(TEXTS).index(name)
    whole = LONG or size == SIZES[0]
    imported = threading.Event()
    monkeypatch.setattr(Calm, "after", lambda _self, _outcome: 0.2)
    monkeypatch.setattr(app_module, "_MAIN", NOT_YET)
    monkeypatch.setattr(importing, "import_module", partial(late, imported))

    async def everywhere(walk: Walk) -> None:
        await walk.to(Opening)
        imported.set()
        await walk.to(MainScreen)
        for part in AT_ALL_SIZES + (AT_ONE if whole else ()):
            main(walk.look).go_to("users")
            main(walk.look).desk.panes.users.move_to(number)
            await walk.check(f"{part.__name__} of {name}")
            await part(walk)
            while not isinstance(walk.look.app.screen, MainScreen):
                await walk.keys("escape")

    async def connecting(walk: Walk) -> None:
        await walk.to(FirstRun)
        await walk.paste()
        await walk.keys("enter", "escape")

    look = partial(looked_at, patch=monkeypatch, size=size, text=TEXTS[name], service=service)
    app = Watched(strange.home, strange)
    screens = await look(app, everywhere)
    strange.abandon()
    if not whole:
        return
    first = Watched(Home(strange.home.path / "empty"), None)
    screens |= await look(first, connecting)
    assert {screen.__name__ for screen in all_screens() - screens} == set()


def all_screens() -> set[type[Screen[Any]]]:
    """Return all screens that the program has, found by their classes: those that are not built on."""
    package = memos_admin.tui
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)

    def leaves(kind: type[Screen[Any]]) -> set[type[Screen[Any]]]:
        return set().union(*map(leaves, kind.__subclasses__())) or {kind}

    return {kind for kind in leaves(Screen) if kind.__module__.startswith(package.__name__)}
