"""Looks: what is written can be read in our own themes, in sixteen colours and without any."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import pytest
from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from textual.color import Color
from textual.design import ColorSystem
from textual.geometry import Region
from textual.theme import Theme
from textual.widgets import OptionList

from memos_admin.backend.workspace import Workspace
from memos_admin.tui import themes
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.preferences import Preferences
from tests.tui.looking import Look, main, press, rest

PAIRS = {
    "background": ("foreground", "text-muted", "text-error", "primary", "warning", "text-disabled"),
    "panel": ("foreground", "text-muted", "text-error", "primary"),
    "surface": ("foreground", "text-muted", "primary", "text-disabled"),
    "block-cursor-background": ("block-cursor-foreground", "primary"),
    "block-cursor-blurred-background": ("block-cursor-blurred-foreground", "foreground", "primary"),
}
"""Grounds of our style sheets, and what is written on them."""

LEAST = {"desk-dark": 4.5, "desk-light": 4.5, "desk-contrast": 7.0}
"""Contrast by theme, as WCAG 2 counts it: level AA, in high contrast AAA."""

SCREENS = {
    "main": (),
    "messages": ("enter", "enter"),
    "memories": ("enter", "tab", "tab"),
    "detail": ("enter", "tab", "tab", "enter"),
    "filter": ("slash",),
    "help": ("question_mark",),
    "palette": ("ctrl+p", "down"),
    "choice": ("tab", "v"),
    "question": ("a",),
}
"""Keys that lead from the users to the screens that are looked at."""


def luminance(colour: Color) -> float:
    """Return the relative luminance as WCAG 2 defines it."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast(Color.parse("#fff"), Color.parse("#000")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [t for t in themes.OURS if not t.ansi], ids=lambda t: t.name)
def test_our_colours_can_be_read_on_our_grounds(theme: Theme) -> None:
    system: ColorSystem = theme.to_color_system()
    colours = system.generate()
    low = {
        (ground, written): round(found, 2)
        for ground, names in PAIRS.items()
        for written in names
        if (found := contrast(Color.parse(colours[written]), Color.parse(colours[ground])))
        < LEAST[theme.name]
    }
    assert low == {}


@asynccontextmanager
async def shown(story: Workspace, theme: str, keys: Iterable[str] = ()) -> AsyncIterator[Look]:
    """Open the story in a theme and press keys."""
    app = MemosAdmin(story.home, story, preferences=Preferences(theme=theme))
    async with app.run_test(size=(120, 40), notifications=True) as look:
        await rest(look)
        for key in keys:
            await press(look, key)
        yield look


async def each_screen(look: Look) -> AsyncIterator[str]:
    """Go to one screen after the other; yield its name."""
    for name, keys in SCREENS.items():
        await press(look, *keys)
        yield name
        await press(look, "escape")
        while look.app.screen is not main(look):
            await press(look, "escape")
        main(look).go_to("users")
        await rest(look)


def segments(look: Look) -> Iterator[tuple[int, int, Segment]]:
    """Yield what is drawn on top: column, row, text with its style. Not what a dialog dims."""
    screen = look.app.screen
    top = Region(0, 0, *look.app.size)
    if screen.is_modal and not screen.query(OptionList):
        top = screen.children[0].region
    elif screen.is_modal:
        top = screen.query_one(OptionList).region
    for y, strip in enumerate(screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            if top.contains(x, y):
                yield x, y, segment
            x += segment.cell_length


@pytest.mark.parametrize("theme", LEAST)
async def test_what_is_drawn_can_be_read(story: Workspace, theme: str) -> None:
    async with shown(story, theme) as look:
        async for screen in each_screen(look):
            main(look).status.set_error("MemOS did not answer in 10 s.")
            await rest(look)
            assert (screen, hardly_read(look, LEAST[theme])) == (screen, set())


def hardly_read(look: Look, least: float) -> set[tuple[str, str, str]]:
    """Return texts that are drawn with less contrast, in which colour and on which."""
    low = set()
    for _x, _y, segment in segments(look):
        style = segment.style
        if style is None or not any(character.isalnum() for character in segment.text):
            continue
        assert style.color is not None
        assert style.bgcolor is not None
        ink, ground = (Color.from_rich_color(c) for c in (style.color, style.bgcolor))
        if style.reverse:
            ink, ground = ground, ink
        if contrast(ink, ground) < least:
            low.add((segment.text.strip(), ink.hex, ground.hex))
    return low


def is_plain(colour: RichColor | None) -> bool:
    """Whether a colour is none, or the terminal's own."""
    return colour is None or colour.is_default


async def test_no_color_draws_without_colours(
    story: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(story, "desk-dark") as look:
        async for screen in each_screen(look):
            coloured = [
                segment
                for _x, _y, segment in segments(look)
                if segment.style is not None
                and not (is_plain(segment.style.color) and is_plain(segment.style.bgcolor))
            ]
            assert (screen, coloured) == (screen, [])


async def test_sixteen_colours_are_enough_for_the_ansi_theme(story: Workspace) -> None:
    async with shown(story, "desk-ansi") as look:
        async for screen in each_screen(look):
            kinds = {
                colour.type
                for _x, _y, segment in segments(look)
                if segment.style is not None
                for colour in (
                    segment.style.color if segment.text.strip() else None,
                    segment.style.bgcolor,
                )
                if colour is not None
            }
            assert kinds <= {ColorType.DEFAULT, ColorType.STANDARD}, screen


def row_of(look: Look, text: str) -> Segment:
    """Return the first drawn piece of a row that begins with a text, perhaps behind a mark."""
    pieces = [segment for _x, _y, segment in segments(look) if "·" not in segment.text]
    return next(p for p in pieces if p.text.startswith((text, f"● {text}", f"  {text}")))


@pytest.mark.parametrize("theme", ["desk-ansi", "no colour"])
async def test_the_cursor_shows_without_other_colours(
    story: Workspace, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if theme == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
        theme = "desk-dark"
    async with shown(story, theme, ("tab",)) as look:
        focused, left = row_of(look, "weekly "), row_of(look, "li.wei@acme.cn")
        assert focused.style is not None
        assert focused.style.reverse
        assert left.style is not None
        assert left.style.bold
        assert not left.style.reverse
        drawn = list(segments(look))
        signs = {y for _x, y, segment in drawn if segment.text.startswith(">")}
        assert {y for _x, y, segment in drawn if segment is focused or segment is left} <= signs


@pytest.mark.parametrize("theme", ["desk-ansi", "no colour"])
async def test_the_chosen_option_shows_without_other_colours(
    story: Workspace, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if theme == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
        theme = "desk-dark"
    async with shown(story, theme, ("shift+tab", "shift+tab", "v")) as look:
        chosen, other = row_of(look, "all views"), row_of(look, "Preference")
        assert chosen.style != other.style
