"""The export screen: chosen by keys, previewed, written, stopped, refused."""

from __future__ import annotations

import csv
import errno
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from textual.app import App
from textual.widgets import Input

from memos_admin.backend import roster
from memos_admin.backend.export import exporting as backend
from memos_admin.backend.export.exporting import ExportReport
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import themes
from memos_admin.tui.jobs.exporting import look_at_target
from memos_admin.tui.screens.export import ExportScreen
from memos_admin.tui.session import Session
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import HOSTILE, unsafe
from tests.tui.looking import SIZES, Look, misses, press, rest, rows, seen, sees, until
from tests.tui.looking import told as said
from tests.tui.story import AGENT, LI, TRIP

Size = tuple[int, int]
NOBODY = SubjectRef("user", "nobody")
at_three_sizes = pytest.mark.parametrize(
    "size", [*SIZES, (60, 15)], ids=["120x40", "80x24", "60x15"]
)


@pytest.fixture
def folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is proposed; the program was started there too."""
    made = home.create_exports_dir()
    monkeypatch.chdir(made)
    return made


class Alone(App[None]):
    """An app with an empty screen."""

    CSS = "Screen { background: $background; color: $foreground; }"


@asynccontextmanager
async def opened(
    workspace: Workspace,
    size: Size,
    *,
    ref: SubjectRef = LI,
    conversation: str | None = "weekly",
    memories: Filter | None = None,
    session: Session | None = None,
) -> AsyncIterator[Look]:
    """Show the screen, and wait until it has said all."""
    found = None if conversation is None else workspace.reads.conversation(ref, conversation)
    app = Alone()
    app.register_theme(themes.DARK)
    async with app.run_test(size=size, notifications=True) as look:
        screen = ExportScreen(session or Session(workspace), ref, found, memories)
        await app.push_screen(screen)
        await rest(look)
        yield look


def field(look: Look) -> Input:
    return look.app.screen.query_one("#path", Input)


def folder_of(path: str) -> Path:
    """Return the folder of a path that is proposed, in which ~ is one's home."""
    return Path(path).expanduser().parent


def left(folder: Path) -> list[str]:
    """What stands in a folder, hidden files too, but the manifests of what stands there."""
    names = {path.name for path in folder.iterdir()}
    return sorted(names - {f"{name}.manifest.json" for name in names})


def only_file(folder: Path) -> Path:
    (name,) = left(folder)
    assert (folder / f"{name}.manifest.json").exists()
    return folder / name


@at_three_sizes
async def test_what_will_be_written_is_shown_before(
    story: Workspace, size: Size, folder: Path
) -> None:
    async with opened(story, size) as look:
        await sees(look, "● conversation weekly", "● CSV", "100 messages.")
        await sees(look, "First rows · 50 of 100", "project", "acme-prod", "w write")
        await until(look, lambda: field(look).value)
        assert field(look).value.endswith("acme-prod-li.wei@acme.cn-weekly.csv")
        if size[1] > 20:
            await sees(look, "is not known from the beginning", "At 1 place messages are missing")
        assert left(folder) == []


async def test_a_path_that_goes_on_beside_its_field_says_so(story: Workspace, folder: Path) -> None:
    async with opened(story, (80, 24)) as look:
        await until(look, lambda: field(look).value)
        field(look).value = "/" + "0123456789" * 12

        def where() -> str:
            return next(line for line in rows(look) if "Where" in line).split(maxsplit=1)[1].strip()

        field(look).cursor_position = 0
        await look.pause()
        assert where().startswith("/0123")
        assert where().endswith("567…")
        field(look).cursor_position = 100
        await look.pause()
        assert where().startswith("…")
        assert where().endswith("…")
        field(look).cursor_position = 121
        await look.pause()
        assert where().startswith("…")
        assert where().endswith("89")


@at_three_sizes
async def test_enter_writes_and_says_what_and_where(
    story: Workspace, size: Size, folder: Path
) -> None:
    async with opened(story, size) as look:
        await until(look, lambda: field(look).value)
        await press(look, *["enter"] * 4)  # the form, the guard and the mask as they are
        assert look.app.focused is field(look)
        assert left(folder) == []
        await press(look, "enter")
        await sees(look, "Wrote 100 messages to", "At 1 place messages", "copy the path")
        path = folder / "acme-prod-li.wei@acme.cn-weekly.csv"
        with path.open(newline="", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == 100
        assert path.stat().st_mode & 0o777 == 0o600
        await press(look, "y")
        assert look.app.clipboard == str(path)
        await sees(look, "copied")
        await press(look, "e")
        await sees(look, "First rows")
        await until(look, lambda: field(look).value.endswith("weekly-2.csv"))
        await press(look, "w")
        await sees(look, "Wrote 100 messages to")
        assert left(folder) == [path.name, "acme-prod-li.wei@acme.cn-weekly-2.csv"][::-1]
        await press(look, "enter")
        assert not isinstance(look.app.screen, ExportScreen)


@at_three_sizes
async def test_scope_and_format_are_chosen_by_arrows(
    story: Workspace, size: Size, folder: Path
) -> None:
    async with opened(story, size) as look:
        await press(look, "right")
        await sees(look, "● all conversations", "107 messages.")
        await until(look, lambda: field(look).value.endswith("acme-prod-li.wei@acme.cn.csv"))
        await press(look, "down", "right", "right")
        await sees(
            look, "● JSON lines", "107 messages and 5 memories.", "type", "conversati", "note 0"
        )
        await until(look, lambda: field(look).value.endswith(".jsonl"))
        await press(look, "up", "right")
        await sees(look, "● memories", "5 memories.", "m-report")
        await press(look, "down", "right", "w")
        await sees(look, "Wrote 5 memories to")
        path = only_file(folder)
        assert path.name == "acme-prod-li.wei@acme.cn-memories.xlsx"
        (sheet,) = load_workbook(path).worksheets
        assert sheet.max_row == 6


async def test_memories_are_exported_as_they_are_filtered(story: Workspace, folder: Path) -> None:
    wanted = Filter(subject=LI, views=frozenset({"preference"}), text="tea")
    async with opened(story, (80, 24), conversation=None, memories=wanted) as look:
        await sees(look, "● memories as shown", "1 memory (view Preference, with “tea”).")
        assert "conversation weekly" not in seen(look)
        await press(look, "down", "right", "right", "w")
        await sees(look, "Wrote 1 memory to")
        path = only_file(folder)
        assert json.loads(path.read_text())["memory_id"] == "m-tea"


async def test_messages_of_everyone_are_exported(story: Workspace, folder: Path) -> None:
    async with opened(story, (120, 40)) as look:
        await press(look, "left")
        await sees(look, "● messages of everyone", "export from everyone", "111 messages.")
        assert field(look).value.endswith("acme-prod-messages.csv")
        await press(look, "w")
        await sees(look, "Wrote 111 messages")
    with only_file(folder).open(encoding="utf-8", newline="") as file:
        assert len({row["user_id"] for row in csv.DictReader(file)}) > 1


async def test_memories_of_everyone_are_exported(story: Workspace, folder: Path) -> None:
    chosen = Filter(subject=LI, views=frozenset({"skill"}))
    async with opened(story, (120, 40), memories=chosen) as look:
        await press(look, "right", "right", "right")
        await sees(look, "● memories of everyone", "export from everyone", "8 memories.")
        assert field(look).value.endswith("acme-prod-memories.csv")
        await press(look, "w")
        await sees(look, "Wrote 8 memories")
    rows = only_file(folder).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 9
    assert {row.split(",")[2] for row in rows[1:]} == {r.external_id for r in (LI, TRIP, AGENT)}


async def test_without_the_guard_one_is_warned(story: Workspace, folder: Path) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "down", "down", "right")
        await sees(look, "● none", "Warning: cells that a spreadsheet runs as formulas")
        await press(look, "up", "left")
        await sees(look, "● workbook", "not needed: every cell is text")
        assert "Warning" not in seen(look)
        await press(look, "down", "down")
        assert look.app.focused is field(look)


async def test_excel_gets_its_mark(story: Workspace, folder: Path) -> None:
    async with opened(story, (80, 24)) as look:
        await press(look, "down", "right", "w")
        await sees(look, "Wrote 100 messages")
        path = only_file(folder)
        assert path.read_bytes().startswith(b"\xef\xbb\xbfproject,")


async def test_columns_are_seen_sideways(story: Workspace, folder: Path) -> None:
    async with opened(story, (60, 15)) as look:
        await sees(look, "project", "columns 1-")
        await press(look, *["tab"] * 5, *["right"] * 6)
        await sees(look, "content", "note 0")
        assert "project" not in seen(look)
        await press(look, "down", "down")
        await misses(look, "note 1 ")
        await press(look, *["right"] * 20)
        await sees(look, "fetched_at", "of 17")


async def test_a_typed_path_is_kept_and_gets_the_ending_of_the_format(
    story: Workspace, folder: Path
) -> None:
    async with opened(story, (80, 24)) as look:
        await until(look, lambda: field(look).value)
        field(look).focus()
        field(look).value = "mine.csv"
        await press(look, *["up"] * 3, *["right"] * 3)
        await until(look, lambda: field(look).value == "mine.xlsx")
        await press(look, "w")
        await sees(look, "Wrote 100 messages to")
        assert left(folder) == ["mine.xlsx"]


def _has(folder: Path, number: int) -> bool:
    return len(left(folder)) == number


async def test_a_name_as_long_as_can_be_is_numbered_and_has_its_manifest(
    workspace: Workspace, service: Service, folder: Path
) -> None:
    longest = SubjectRef("user", "客" * 100)
    service.put(longest.external_id, a_memory("m1", "tea", conversation_id=None))
    await roster.add_subjects(workspace, [longest])
    await sync(workspace, SyncScope())
    wanted = Filter(subject=longest)
    for number in (1, 2):
        there = partial(_has, folder, number)
        async with opened(
            workspace, (80, 24), ref=longest, conversation=None, memories=wanted
        ) as look:
            await press(look, "w")
            await until(look, there, "it is written")
    for name in left(folder):
        assert json.loads((folder / f"{name}.manifest.json").read_text())["files"]


async def test_a_folder_that_nobody_else_can_read_is_proposed_wherever_one_starts(
    story: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exports = story.home.exports_dir
    async with opened(story, (120, 40)) as look:
        field = look.app.screen.query_one(Input)
        await until(look, lambda: field.value, "a suggestion")
        assert folder_of(field.value) == exports
        await sees(look, "The folder is your own: nobody else can read it.")
        assert exports.stat().st_mode & 0o777 == 0o700


async def test_the_folder_is_remembered_within_the_run(
    story: Workspace, tmp_path: Path, folder: Path
) -> None:
    session = Session(story)
    other = tmp_path / "other"
    other.mkdir()
    async with opened(story, (80, 24), session=session) as look:
        await until(look, lambda: field(look).value)
        field(look).value = str(other / "a.csv")
        await press(look, "w")
        await sees(look, "Wrote 100 messages to")
    async with opened(story, (80, 24), session=session) as look:
        await until(look, lambda: field(look).value.startswith(str(other)))


@at_three_sizes
async def test_an_existing_file_is_asked_about_once_more(
    story: Workspace, size: Size, folder: Path
) -> None:
    (folder / "mine.csv").write_text("old")
    async with opened(story, size) as look:
        await until(look, lambda: field(look).value)
        field(look).value = "mine.csv"
        await press(look, "w")
        await sees(look, "mine.csv exists. Press enter again to replace it.", "enter replace it")
        assert (folder / "mine.csv").read_text() == "old"
        await press(look, "up", "right")  # something else: the question is off the table
        await misses(look, "exists")
        field(look).value = "mine.csv"
        await press(look, "w")
        await sees(look, "exists. Press enter again")
        await press(look, "enter")
        await sees(look, "Wrote 100 messages to")
        assert (folder / "mine.csv").read_text(encoding="utf-8-sig").startswith("project,")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("none/a.csv", "its folder is not there"),
        (".", "is a folder. Name a file in it."),
        ("x" * 300, "the name is too long"),
        ("~nobody-there/a.csv", "cannot be written"),
        ("  ", "The name of the file is empty"),
    ],
    ids=("no folder", "a folder", "too long", "nobody's home", "blank"),
)
async def test_a_path_that_cannot_be_is_said(
    story: Workspace, folder: Path, path: str, why: str
) -> None:
    async with opened(story, (120, 40)) as look:
        await until(look, lambda: field(look).value)
        field(look).value = path
        await press(look, "w")
        await sees(look, why)
        assert left(folder) == []
        assert isinstance(look.app.screen, ExportScreen)


def test_a_name_with_the_api_key_is_none() -> None:
    found = look_at_target("mpg-0123456789abcdefghijklmnop.csv")
    assert "That is the API key, and no file name." in found.problem


def failing(error: Exception) -> Callable[..., ExportReport]:
    def export(*_: Any, **__: Any) -> ExportReport:
        raise error

    return export


@pytest.mark.parametrize(
    "refusal",
    [(errno.EACCES, "not allowed"), (errno.ENOSPC, "the disk is full")],
    ids=("not allowed", "full"),
)
async def test_what_the_disk_refuses_is_said_and_can_be_mended(
    story: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch, refusal: tuple[int, str]
) -> None:
    number, why = refusal
    async with opened(story, (60, 15)) as look:
        await until(look, lambda: field(look).value)
        with monkeypatch.context() as patched:
            patched.setattr(backend, "export", failing(OSError(number, "no", "a.csv")))
            await press(look, "w")
            await said(look, "Nothing was written.", why)
        assert look.app.focused is field(look)
        assert left(folder) == []
        await press(look, "enter")
        await sees(look, "Wrote 100 messages to")


async def test_a_real_disk_that_is_full_leaves_nothing(
    story: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with opened(story, (80, 24)) as look:
        await until(look, lambda: field(look).value)
        monkeypatch.setattr("memos_admin.backend.export.target.os.fsync", full)
        await press(look, "w")
        await said(look, "Nothing was written.", "the disk is full")
        assert left(folder) == []


class Gate:
    """Holds an export at its first progress until it is let go."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        self._export = backend.export

    def export(self, *args: Any, **options: Any) -> ExportReport:
        tell = options["on_progress"]

        def on_progress(done: int, total: int) -> None:
            self.reached.set()
            assert self.open.wait(60)
            tell(done, total)

        return self._export(*args, **(options | {"on_progress": on_progress}))


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr(backend, "export", made.export)
    return made


@pytest.mark.parametrize(
    ("size", "key"), [((120, 40), "x"), ((80, 24), "escape"), ((60, 15), "x")], ids=str
)
async def test_an_export_is_stopped_and_leaves_what_was_there(
    story: Workspace, size: Size, folder: Path, gate: Gate, key: str
) -> None:
    (folder / "mine.csv").write_text("old")
    async with opened(story, size) as look:
        await until(look, lambda: field(look).value)
        field(look).value = "mine.csv"
        await press(look, "w")
        await look.press("enter")
        await until(look, gate.reached.is_set)
        await sees(look, "x stop", "Writing mine.csv")
        await look.press("q")  # is no command while something is written
        await look.press(key)
        await sees(look, "stopping")
        gate.open.set()
        await rest(look)
        await sees(look, "Stopped. Nothing was written")
        assert left(folder) == ["mine.csv"]
        assert (folder / "mine.csv").read_text() == "old"
        assert isinstance(look.app.screen, ExportScreen)
        await press(look, "escape")
        assert not isinstance(look.app.screen, ExportScreen)


@at_three_sizes
async def test_progress_is_shown_and_the_screen_stays_alive(
    story: Workspace, size: Size, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, going = threading.Event(), threading.Event()
    real = backend.export

    def export(*args: Any, **options: Any) -> ExportReport:
        tell = options["on_progress"]

        def on_progress(done: int, total: int) -> None:
            tell(done // 2, total)
            told.set()
            assert going.wait(60)

        return real(*args, **(options | {"on_progress": on_progress}))

    monkeypatch.setattr(backend, "export", export)
    async with opened(story, size) as look:
        await until(look, lambda: field(look).value)
        await look.press("w")
        await until(look, told.is_set)
        await sees(look, "50 of 100 written", "━")
        await look.resize_terminal(100, 30)
        await sees(look, "50 of 100 written")
        going.set()
        await sees(look, "Wrote 100 messages to")
        await misses(look, "written")


async def test_quitting_while_it_writes_leaves_no_file(
    story: Workspace, folder: Path, gate: Gate
) -> None:
    async with opened(story, (80, 24)) as look:
        await until(look, lambda: field(look).value)
        await look.press("w")
        await until(look, gate.reached.is_set)
        gate.open.set()
    assert all(not name.startswith(".") for name in left(folder))


NAMES = sorted(set(HOSTILE) - {"empty", "blank"})


@pytest.mark.parametrize("start", range(0, len(NAMES), 8))
async def test_any_text_is_shown_safely(
    workspace: Workspace, service: Service, folder: Path, start: int
) -> None:
    texts = [HOSTILE[n].encode("utf-8", "replace").decode() for n in NAMES[start : start + 8]]
    conversation = texts[0][:90].strip()
    service.say("ann", conversation, *(a_message(t, role=t[:40].strip() or "user") for t in texts))
    memories = (
        a_memory(f"m{n}", t, title=t, tags=(t, texts[0]), conversation_id=conversation)
        for n, t in enumerate(texts)
    )
    service.put("ann", *memories)
    ann = SubjectRef("user", "ann")
    await roster.add_subjects(workspace, [ann])
    await sync(workspace, SyncScope())
    wanted = Filter(subject=ann, tags=frozenset({texts[0]}))
    async with opened(
        workspace, (80, 24), ref=ann, conversation=conversation, memories=wanted
    ) as look:
        for keys in ((), ("right",), ("right",), ("down", "right", "right"), ("right",)):
            await press(look, *keys)
            assert unsafe("".join(rows(look))) == []
        await until(look, lambda: field(look).value)
        await press(look, "w")
        await sees(look, f"Wrote {len(texts)} memories to")
        assert unsafe("".join(rows(look))) == []
    workspace.abandon()


async def test_an_agent_without_anything_says_so(workspace: Workspace, folder: Path) -> None:
    bot = SubjectRef("agent", "bot")
    await roster.add_subjects(workspace, [bot])
    async with opened(workspace, (80, 24), ref=bot, conversation=None) as look:
        await sees(look, "0 messages.", "There are no messages.", "never completely listed")
        await press(look, "w")
        await sees(look, "There is nothing to write. Press enter again for a file without a row.")
        assert left(folder) == []
        await press(look, "enter")
        await sees(look, "Wrote 0 messages to")
    workspace.abandon()


async def test_somebody_who_is_gone_is_said(story: Workspace, folder: Path) -> None:
    async with opened(story, (80, 24), ref=NOBODY, conversation=None) as look:
        await sees(look, "There is no user 'nobody'")
        await until(look, lambda: field(look).value)
        await press(look, "w")
        await sees(look, "Nothing was written.")
        assert left(folder) == []


async def test_a_mask_is_chosen_and_previewed(story: Workspace, folder: Path) -> None:
    async with opened(story, (120, 40)) as look:
        await sees(look, "● as it is", "li.wei@acme.cn")
        look.app.screen.query_one("#mask").focus()
        await press(look, "right")
        await sees(look, "● masked", "Masked: addresses, phones", "user-")
        await until(look, lambda: field(look).value.endswith("acme-prod-masked.csv"))
        assert "li.wei@acme.cn" not in seen(look).partition("First rows")[2]
        await press(look, "w")
        await sees(look, "Wrote 100 messages to", "It is masked: 100 parts of what it says.")
        text = only_file(folder).read_text(encoding="utf-8")
        assert "li.wei@acme.cn" not in text
        assert text.count(",user-") == 100


async def test_other_names_are_a_choice(story: Workspace, folder: Path) -> None:
    async with opened(story, (120, 40), ref=TRIP, conversation="0610") as look:
        look.app.screen.query_one("#mask").focus()
        await press(look, "left")
        await sees(look, "● masked, other names", "Users and agents have other")
        await press(look, "w")
        await sees(look, "It is masked: ")
        assert TRIP.external_id not in only_file(folder).read_text(encoding="utf-8")
