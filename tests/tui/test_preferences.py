"""What a person wants of the interface: read before it opens, remembered when it is chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

from memos_admin.backend.config import ConfigError
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.screen_state import (
    InterfaceState,
    ScreenState,
    load_interface,
    save_interface,
    screen_state_path,
)
from memos_admin.backend.workspace import Workspace
from memos_admin.tui import themes
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.preferences import Preferences, described, preferences
from memos_admin.tui.remembering import Remembering
from memos_admin.tui.session import Session
from tests.tui.looking import Look, main, misses, opened, press, rest, seen, sees, until

NEVER = 3600.0
"""Seconds of collecting that no test waits for."""


def configure(home: Home, text: str) -> None:
    home.create()
    with home.config_path.open("a") as file:
        file.write(text)
    home.config_path.chmod(0o600)


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


def test_without_a_configuration_it_is_ours_and_nothing_is_created(home: Home) -> None:
    assert preferences(home, {}) == Preferences()
    assert not home.path.exists()


def test_the_configurations_theme_is_the_default(home: Home) -> None:
    configure(home, '[interface]\ntheme = "desk-light"\n')
    assert preferences(home, {}).theme == "desk-light"


def test_what_the_configuration_masks_is_known_whatever_was_chosen_last(
    home: Home, story: Workspace
) -> None:
    configure(home, "[privacy]\nmask = true\n")
    save_interface(home, InterfaceState(mask=False, pseudonyms=False))
    found = preferences(home, {})
    assert (found.privacy.mask, found.configured.mask) == (False, True)
    session = MemosAdmin(home, story, preferences=found).session
    assert session is not None
    assert session.journaling.masks == Privacy(mask=True)


def test_names_that_were_never_chosen_are_given_as_the_configuration_says(home: Home) -> None:
    configure(home, "[privacy]\nmask = true\npseudonyms = true\n")
    save_interface(home, InterfaceState(mask=True))
    assert preferences(home, {}).privacy == (True, True)
    assert described(home)[1] is None
    save_interface(home, InterfaceState(mask=True, pseudonyms=False))
    assert preferences(home, {}).privacy == (True, False)
    assert "ids of users are shown" in described(home)[0]
    assert "press U" in str(described(home)[1])
    save_interface(home, InterfaceState(mask=False))
    assert "nothing is masked" in described(home)[0]
    assert "press m" in str(described(home)[1])


def test_the_theme_that_was_chosen_last_wins(home: Home) -> None:
    configure(home, '[interface]\ntheme = "desk-light"\n')
    save_interface(home, InterfaceState(theme="nord"))
    assert preferences(home, {}).theme == "nord"


def test_the_environment_names_a_theme_for_one_start(home: Home) -> None:
    save_interface(home, InterfaceState(theme="nord"))
    assert preferences(home, {"TEXTUAL_THEME": "desk-ansi"}).theme == "desk-ansi"
    assert preferences(home, {"TEXTUAL_THEME": "no such"}).theme == "nord"


async def test_one_of_ours_that_the_environment_names_has_its_colours(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by_textual = App.__dict__["theme"]  # when it is imported, long before ours are known
    monkeypatch.setattr(read_by_textual, "_default", "desk-light")
    chosen = preferences(home, {"TEXTUAL_THEME": "desk-light"})
    app = MemosAdmin(home, None, preferences=chosen)
    async with app.run_test():
        assert app.theme_variables["primary"].lower() == themes.LIGHT.primary


def test_a_remembered_theme_that_is_gone_is_ignored(home: Home) -> None:
    save_interface(home, InterfaceState(theme="of a later version"))
    assert preferences(home, {}).theme == themes.DEFAULT


def test_an_unknown_theme_is_told_with_its_place_and_those_that_there_are(home: Home) -> None:
    configure(home, '[interface]\ntheme = "pink"\n')
    with pytest.raises(ConfigError, match=r"line 2: interface\.theme: .* Ours: desk-dark, "):
        preferences(home, {})


@pytest.mark.parametrize(
    ("written", "env", "language", "by"),
    [
        ("", {}, "en", "the locale"),
        ("", {"LANG": "zh_CN.UTF-8"}, "zh", "the locale"),
        ('[interface]\nlanguage = "en"\n', {"LANG": "zh_CN.UTF-8"}, "en", "config.toml"),
        ('[interface]\nlanguage = "zh-CN"\n', {}, "zh", "config.toml"),
    ],
)
def test_the_configurations_language_goes_before_the_locales(
    home: Home, written: str, env: dict[str, str], language: str, by: str
) -> None:
    configure(home, written)
    found = preferences(home, env)
    assert (found.language, found.language_by) == (language, by)


def test_the_language_that_was_chosen_last_wins(home: Home) -> None:
    configure(home, '[interface]\nlanguage = "en"\n')
    save_interface(home, InterfaceState(language="zh"))
    assert preferences(home, {}).language == "zh"
    save_interface(home, InterfaceState(language="of a later version"))
    assert preferences(home, {}).language == "en"


def test_all_that_is_wrong_is_told_at_once(home: Home) -> None:
    configure(
        home,
        '[interface]\ntheme = "pink"\n[interface.keys]\nsinc = "f5"\nsync = "f99"\nzoom = "f6"\n',
    )
    with pytest.raises(ConfigError) as raised:
        preferences(home, {})
    told = str(raised.value).splitlines()
    assert [line.partition("line ")[2][0] for line in told] == ["2", "4", "5"]
    assert raised.value.line == 2


def test_it_is_described_for_the_doctor(home: Home) -> None:
    configure(home, '[interface]\ntheme = "desk-light"\n[interface.keys]\nsync = "f5"\n')
    assert described(home) == (
        "theme desk-light, one command has other keys, language English as the locale says",
        None,
    )


def test_the_readmes_example_is_a_configuration(home: Home) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    configure(home, readme.partition("```toml\n")[2].partition("```")[0])
    found = preferences(home, {})
    assert (found.theme, found.language, found.remapped) == ("desk-light", "en", 3)


# -- remembering ---------------------------------------------------------------------------------


class Disk:
    """Notes what is written, and can be made to hang."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.free = threading.Event()
        self.free.set()
        self.reached = threading.Event()

    def write(self, text: str) -> Callable[[], None]:
        def write() -> None:
            self.reached.set()
            self.free.wait(60)
            self.written.append(text)

        return write


def test_at_the_end_the_last_of_each_kind_is_written_at_once() -> None:
    disk, remembering = Disk(), Remembering(NEVER)
    for kind, text in (("a", "a1"), ("b", "b1"), ("a", "a2")):
        remembering.keep(kind, disk.write(text))
    remembering.close(60)
    assert sorted(disk.written) == ["a2", "b1"]


def test_it_is_written_before_the_end_too() -> None:
    disk, remembering = Disk(), Remembering(0)
    remembering.keep("a", disk.write("a1"))
    assert disk.reached.wait(60)
    remembering.close(60)
    assert disk.written == ["a1"]


def test_an_error_of_writing_harms_nobody() -> None:
    def fail() -> None:
        raise OSError("no space left")

    disk, remembering = Disk(), Remembering(NEVER)
    remembering.keep("a", fail)
    remembering.keep("b", disk.write("b1"))
    remembering.close(60)
    assert disk.written == ["b1"]


def test_a_disk_that_hangs_is_not_waited_for() -> None:
    disk, remembering = Disk(), Remembering(0)
    disk.free.clear()
    remembering.keep("a", disk.write("a1"))
    assert disk.reached.wait(60)
    remembering.close(0.01)
    assert disk.written == []
    disk.free.set()


def test_where_nothing_was_kept_there_is_no_thread() -> None:
    before = threading.active_count()
    Remembering().close()
    assert threading.active_count() == before


async def test_a_session_remembers_where_its_screen_was_left(workspace: Workspace) -> None:
    workspace.home.create_project_dir(workspace.project.uuid)
    remembering = Remembering(NEVER)
    session = Session(workspace, remembering=remembering)
    assert await session.left() == ScreenState()
    session.leave(ScreenState(pane="users"))
    session.leave(ScreenState(pane="memories"))
    remembering.close(60)
    assert await session.left() == ScreenState(pane="memories")


async def test_the_demo_remembers_nothing(workspace: Workspace) -> None:
    workspace.home.create_project_dir(workspace.project.uuid)
    remembering = Remembering(NEVER)
    session = Session(workspace, demo=True, remembering=remembering)
    session.leave(ScreenState(pane="memories"))
    remembering.close(60)
    assert not screen_state_path(workspace.project.store_dir).exists()
    assert await session.left() == ScreenState()


# -- on the screen -------------------------------------------------------------------------------


async def choose_theme(look: Look, name: str) -> None:
    """Choose a theme in the palette, as a person does."""
    await press(look, "ctrl+p", *"theme")
    await sees(look, "Choose other colours.")
    await press(look, "down", "enter")
    await sees(look, f"● {look.app.theme}")
    await press(look, "slash", *name, "enter")
    await until(look, lambda: look.app.theme == name, name)


@pytest.mark.parametrize("demo", [False, True])
async def test_a_theme_chosen_in_the_palette_is_remembered_but_not_by_the_demo(
    story: Workspace, demo: bool
) -> None:
    app = MemosAdmin(story.home, story, demo=demo)
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await choose_theme(look, "desk-light")
    app.remembering.close(60)
    expected = InterfaceState() if demo else InterfaceState(theme="desk-light")
    assert load_interface(story.home) == expected


@pytest.mark.parametrize("demo", [False, True])
async def test_a_language_chosen_in_the_palette_is_spoken_at_once_and_remembered(
    story: Workspace, demo: bool
) -> None:
    save_interface(story.home, InterfaceState(theme="nord"))
    app = MemosAdmin(story.home, story, demo=demo, preferences=preferences(story.home, {}))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "slash", *"li.wei", "enter", "enter", "enter")
        await sees(look, "┏━ ", "earlier messages are not served", "Memories", "q quit")
        await press(look, "ctrl+p", *"language")
        await sees(look, "Language · 语言")
        await press(look, "enter")
        await sees(look, "● English", "  中文")
        await press(look, "down", "enter")
        await sees(
            look, "用户", "会话", "记忆", "q 退出", "更新↓", "服务", "MemOS 不提供更早的消息"
        )
        for word in ("Users", "Conversations", "Memories", "quit", "updated", "earlier", "synced"):
            await misses(look, word)
        assert main(look).desk.subject is not None
        await sees(look, " memos-admin  演示  在本机 " if demo else " memos-admin  acme-prod ")
        await press(look, "ctrl+p", *"语言", "enter")
        await sees(look, "● 中文", "  English")
        await press(look, "up", "enter")
        await sees(look, "Users", "q quit")
        await press(look, "ctrl+p", *"语言", "enter", "down", "enter")
    app.remembering.close(60)
    expected = InterfaceState(theme="nord", language=None if demo else "zh")
    assert load_interface(story.home) == expected


async def test_another_language_is_spoken_where_nothing_is_to_be_shown(
    workspace: Workspace,
) -> None:
    async with opened(workspace, (120, 40)) as look:
        await sees(look, "No users.", "Choose a memory or a message")
        await press(look, "ctrl+p", *"language", "enter", "down", "enter")
        await sees(look, "没有用户。")
        await misses(look, "Choose a memory")
        assert "No users" not in seen(look)
    workspace.abandon()


async def test_a_theme_that_cannot_be_remembered_is_said_to_be_for_this_run(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise HomeError("no")

    monkeypatch.setattr("memos_admin.tui.choices.save_interface", refuse)
    async with opened(story, (80, 24)) as look:
        look.app.theme = "nord"
        await sees(look, "This holds for this run only: no")


async def test_a_theme_and_a_language_are_remembered_together(story: Workspace) -> None:
    kept = InterfaceState(language="zh")
    save_interface(story.home, kept)
    app = MemosAdmin(story.home, story, preferences=preferences(story.home, {}))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        look.app.theme = "desk-light"
        await rest(look)
    app.remembering.close(60)
    assert load_interface(story.home) == InterfaceState(theme="desk-light", language="zh")


async def test_starting_with_a_theme_remembers_nothing(story: Workspace) -> None:
    app = MemosAdmin(story.home, story, preferences=Preferences(theme="desk-light"))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        assert look.app.theme == "desk-light"
    app.remembering.close(60)
    assert load_interface(story.home) == InterfaceState()


async def test_a_remapped_key_works_and_the_old_one_does_not(story: Workspace) -> None:
    configure(story.home, '[interface.keys]\nzoom = "f6"\nhelp = "f1"\nnext_pane = "ctrl+n, tab"\n')
    app = MemosAdmin(story.home, story, preferences=preferences(story.home, {}))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "z")
        await sees(look, "Users", "Conversations")
        await press(look, "f6")
        await misses(look, "Conversations")
        await press(look, "f6", "ctrl+n")
        await until(look, lambda: main(look).pane == "conversations", "the next pane")
        await press(look, "f1")
        await sees(look, "Keys")


async def test_the_palette_moves_with_its_key(story: Workspace) -> None:
    configure(story.home, '[interface.keys]\npalette = "ctrl+t"\nsync_all = "ctrl+p"\n')
    app = MemosAdmin(story.home, story, preferences=preferences(story.home, {}))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "ctrl+t")
        await sees(look, "Search for commands")
        await press(look, *"sync all")
        await sees(look, "(ctrl+p)")


async def test_a_key_that_types_something_is_typed_into_a_field(story: Workspace) -> None:
    configure(story.home, '[interface.keys]\nquit = "_"\nsync_all = "-"\n')
    app = MemosAdmin(story.home, story, preferences=preferences(story.home, {}))
    async with app.run_test(size=(120, 40)) as look:
        await rest(look)
        await press(look, "slash", *"memos_u-")
        await sees(look, "/ memos_u-")
