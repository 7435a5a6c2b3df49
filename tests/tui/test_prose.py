"""Chinese texts of ours fill their lines, where Textual would break them at spaces only."""

from __future__ import annotations

from functools import partial

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.content import Content

from memos_admin.tui.widgets.prose import Prose
from tests.tui.looking import until

TEXT = "它在本机保存副本，不更改 MemOS 中的任何内容，只显示项目记住了哪些用户的哪些内容以及为什么。"


class Page(App[None]):
    def __init__(self, text: str = TEXT) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Prose(self._text)


def lines(page: Page) -> list[str]:
    """Return the lines as they are broken now."""
    said = page.query_one(Prose).content
    assert isinstance(said, Content)
    return said.plain.split("\n")


def are_full(page: Page, width: int) -> bool:
    return all(width - 4 <= cell_len(line) <= width for line in lines(page)[:-1])


async def test_lines_are_full_at_every_width() -> None:
    page = Page()
    async with page.run_test(size=(40, 10)) as look:
        for width in (40, 30, 60):
            await look.resize_terminal(width, 10)
            await until(look, partial(are_full, page, width), f"full lines of {width} cells")
            assert "".join(lines(page)).replace(" ", "") == TEXT.replace(" ", "")


async def test_what_goes_on_is_indented_as_it_began() -> None:
    page = Page("one\n    two three four\n\n  five six seven eight\n")
    async with page.run_test(size=(14, 12)) as look:
        wanted = ["one", "    two three", "    four", "", "  five six", "  seven eight", ""]
        await until(look, lambda: lines(page) == wanted)
