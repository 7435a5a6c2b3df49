"""Chinese texts of ours fill their lines, where Textual would break them at spaces only."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.content import Content

from memos_admin.tui.widgets.prose import Prose

TEXT = "它在本机保存副本，不更改 MemOS 中的任何内容，只显示项目记住了哪些用户的哪些内容以及为什么。"


class Page(App[None]):
    def compose(self) -> ComposeResult:
        yield Prose(TEXT)


async def test_lines_are_full_at_every_width() -> None:
    page = Page()
    async with page.run_test(size=(40, 10)) as look:
        for width in (40, 30, 60):
            await look.resize_terminal(width, 10)
            await look.pause()
            said = page.query_one(Prose).content
            assert isinstance(said, Content)
            lines = said.plain.split("\n")
            assert "".join(lines).replace(" ", "") == TEXT.replace(" ", "")
            assert all(width - 4 <= Content(line).cell_length <= width for line in lines[:-1])
