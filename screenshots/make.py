"""Makes the pictures in this folder from the demo: ``python -m screenshots.make``.

Runs the interface without a terminal, presses keys, and writes what stands on the screen as PNG.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len

FOLDER = Path(__file__).parent
PATIENCE = 60.0
"""Seconds until the demo counts as hanging."""

FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"
WIDE_FONT = "Noto Sans Mono CJK SC, Noto Sans CJK SC, monospace"
WIDE_SIZE = 24.4
"""Pixels: twice the width of a cell, so that a letter of two cells is as wide as two cells."""

_WIDE_TEXT = re.compile(r"<text ([^>]*)>([^<]*[\u2e80-\uffef][^<]*)</text>")

TRIP = ("slash", *"memos_", "enter", "enter", "enter", "tab", "down")
"""From the users to a memory of the quick start's example."""

WHY = ("slash", *"maria", "enter", "enter", "enter", "tab", "down")
"""From the users to a memory whose sources are marked."""

WRONG = (
    "slash",
    *"maria",
    "enter",
    "enter",
    "g",
    "enter",
    "slash",
    *"peanut all",
    "enter",
    "down",
    "down",
)
"""From the users to what the assistant wrongly believes of one of them."""

PICTURES: tuple[tuple[str, tuple[int, int], str, Sequence[str]], ...] = (
    ("main", (140, 40), "desk-dark", WRONG),
    ("light", (120, 40), "desk-light", ("slash", *"anna", "enter", "enter", "g", "enter", "j")),
    ("chinese", (120, 40), "desk-dark", ("slash", *"li.wei", "enter", "enter", "enter", "tab")),
    ("quick-start", (120, 40), "desk-dark", TRIP),
    ("wide", (200, 50), "desk-dark", ("slash", *"maria", "enter", "enter", "g", "enter", "j", "j")),
    ("narrow-users", (80, 24), "desk-dark", ()),
    ("narrow-messages", (80, 24), "desk-dark", WHY[:-2]),
    ("narrow-memories", (80, 24), "desk-dark", WHY),
    ("narrow-detail", (80, 24), "desk-dark", (*WHY, "enter")),
    (
        "review",
        (120, 40),
        "desk-dark",
        (
            *("Q", "down", "down", "enter", "enter", "end", "backspace", "backspace"),
            *"50 4711",
            *("enter", "1", "2", "1", "3"),
        ),
    ),
    ("help", (120, 40), "desk-dark", ("question_mark",)),
    ("export", (120, 40), "desk-dark", (*WHY, "e")),
    ("jump", (120, 40), "desk-dark", ("ctrl+g", *"an")),
    ("search", (120, 40), "desk-dark", ("f", *"peanut")),
    ("changes", (120, 40), "desk-dark", ("c", "right", "right")),
    ("evidence", (120, 40), "desk-dark", ("slash", *"rosa", "enter", "p", "down", "down")),
    ("hygiene", (120, 40), "desk-dark", ("Z", "u", "home", "down", "down")),
    ("overview", (120, 40), "desk-light", ("ctrl+o", "end")),
    ("find", (120, 40), "desk-dark", (*WHY, "ctrl+f", *"sister", "enter")),
    (
        "interface-zh",
        (140, 40),
        "desk-dark",
        ("slash", *"li.wei", "enter", "enter", "enter", "tab"),
    ),
)

LANGUAGES = {"interface-zh": "zh"}
"""Of pictures whose interface speaks another language than English."""


async def make() -> None:
    """Make all pictures."""
    from memos_admin.cli.demo import Demo
    from memos_admin.tui.app import MemosAdmin
    from memos_admin.tui.preferences import Preferences

    with Demo() as demo:
        await demo.fill_roster()
        workspace = demo.workspace()
        await demo.sync(workspace)
        await workspace.close()
        for name, size, theme, keys in PICTURES:
            chosen = Preferences(theme=theme, language=LANGUAGES.get(name, "en"))
            app = MemosAdmin(demo.home, demo.workspace(), demo=True, preferences=chosen)
            async with app.run_test(size=size, notifications=True) as pilot:
                await _rest(pilot)
                for key in keys:
                    await pilot.press(key)
                    await _rest(pilot)
                _write(name, app.export_screenshot(title=" "))
            if app.session is not None:
                app.session.abandon()
        app = MemosAdmin(demo.home, None)
        async with app.run_test(size=(80, 24)) as pilot:
            await _rest(pilot)
            _write("first-run", app.export_screenshot(title=" "))


async def _rest(pilot: Any) -> None:
    """Return when nothing of the screen's work is left."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        await pilot.pause()
        if all(worker.is_finished for worker in pilot.app.workers):
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the screen never came to rest")
        await asyncio.sleep(0.02)


def _write(name: str, svg: str) -> None:
    """Write a picture."""
    import cairosvg  # type: ignore[import-untyped]

    # The font that Textual names comes from the network, and cairo falls back for no letter.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", FONT)
    svg = _WIDE_TEXT.sub(
        rf'<text style="font-family: {WIDE_FONT}; font-size: {WIDE_SIZE}px" \1>\2</text>', svg
    )
    svg = _with_lines(svg)
    cairosvg.svg2png(bytestring=svg.encode(), write_to=str(FOLDER / f"{name}.png"))


def _with_lines(svg: str) -> str:
    """Return a picture with lines drawn under what is underlined: cairo leaves them out."""
    for style, colour in re.findall(r"\.([\w-]+) \{ fill: (#\w+);[^}]*underline", svg):
        place = re.compile(rf'<text [^>]*class="{style}" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<')
        for x, y, text in place.findall(svg):
            width = cell_len(html.unescape(text)) * WIDE_SIZE / 2
            line = (
                f'<rect x="{x}" y="{float(y) + 3:.1f}" width="{width:.1f}" height="1.3" '
                f'fill="{colour}"/>'
            )
            inside, *ends = svg.rsplit("</g>", 2)  # the group that text stands in
            svg = "</g>".join([inside + line, *ends])
    return svg


if __name__ == "__main__":
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    os.environ.pop("NO_COLOR", None)
    os.chdir(Path.home())  # what the export suggests should look like anybody's
    asyncio.run(make())
