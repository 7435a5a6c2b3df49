"""A key that an error has taken along reaches neither the screen nor the terminal behind it."""

from __future__ import annotations

import ast
import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import memos_admin.tui
from memos_admin.backend.home import Home
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.key import ApiKey
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.words import failures
from memos_admin.tui.words.failures import report_of_loop, report_without_keys
from tests.tui.looking import main, opened, press, rest, rows, seen

KEY = "canary-key/of+a=form%that&nobody-knows"


class Talkative(Exception):
    """An error that Textual would let render itself."""

    def __rich__(self) -> str:
        return f"rendered {self}"


@pytest.fixture
def key() -> ApiKey:
    """A key that this process has met."""
    return ApiKey(KEY)


async def test_no_key_is_in_what_the_screen_says_of_a_mistake(
    story: Workspace, key: ApiKey
) -> None:
    async def mistaken() -> None:
        raise RuntimeError(f"with {key.reveal()} and mpg-another-key")

    async with opened(story, (120, 40)) as look:
        main(look).work(mistaken, "test")
        await rest(look)
        assert "Something in memos-admin failed" in rows(look)[0]
        await press(look, "exclamation_mark")
        assert "RuntimeError: with [API key] and [API key]" in seen(look)


async def test_an_error_that_renders_itself_is_not_rendered(isolated: Path) -> None:
    app = MemosAdmin(Home(isolated), None)

    def mistaken() -> None:
        raise Talkative(KEY)

    with pytest.raises(Talkative):  # noqa: PT012 - the exit raises it
        async with app.run_test() as look:
            app.call_later(mistaken)
            await look.pause()
    assert isinstance(app.failure, Talkative)
    assert app._exit_renderables == []


@pytest.fixture
def _reporting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    report_without_keys()


@pytest.mark.usefixtures("_reporting")
def test_what_nobody_waits_for_is_reported_without_keys(
    key: ApiKey, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dropped:
        def __del__(self) -> None:
            raise ValueError(f"dropped {key.reveal()}")

    def thread() -> None:
        raise ValueError(f"in a thread {key.reveal()}")

    worker = threading.Thread(target=thread)
    worker.start()
    worker.join()
    Dropped()
    with asyncio.Runner() as runner:
        context = {"message": "lost", "exception": ValueError(f"in a task {key.reveal()}")}
        report_of_loop(runner.get_loop(), context)
    told = capsys.readouterr().err
    assert KEY not in told
    for text in ("in a thread [API key]", "dropped [API key]", "in a task [API key]"):
        assert f"ValueError: {text}" in told


def test_no_other_module_of_the_interface_puts_an_error_into_words() -> None:
    """Else its words would not have passed `said_by`."""
    folder = Path(memos_admin.tui.__file__).parent
    assert [*_words_of_errors(ast.parse("try: x()\nexcept E as error: say(str(error))"))]
    found = [
        f"{path.relative_to(folder)}:{line}"
        for path in folder.rglob("*.py")
        if path != Path(failures.__file__)
        for line in _words_of_errors(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def _words_of_errors(tree: ast.AST) -> Iterator[int]:
    """Yield lines where a caught error is made a text: str(), an f-string, format()."""
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.FormattedValue):
            texts = [node.value]
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in {"str", "repr", "printable", "one_line"}:
                texts = node.args
            elif attribute == "format":
                texts = [*node.args, *(keyword.value for keyword in node.keywords)]
        names = {text.id for text in texts if isinstance(text, ast.Name)}
        if names & {"error", "caught", "exception"}:
            yield node.lineno  # type: ignore[attr-defined] # one of two kinds that have it


async def test_a_notice_is_called_one(story: Workspace) -> None:
    async with opened(story, (80, 24)) as look:
        main(look).fetching.failed("The key is for this run only.")
        await press(look, "exclamation_mark")
        assert "Notice" in rows(look)[0]
        await press(look, "escape")
        main(look).fetching.failed(OSError("the disk is gone"))
        await press(look, "exclamation_mark")
        assert "The last error" in rows(look)[0]
