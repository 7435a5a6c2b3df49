"""What is worked out once for all apps is what Textual works out for each."""

from __future__ import annotations

from typing import Any

import pytest
from rich.segment import Segment
from textual import events
from textual.cache import FIFOCache
from textual.css.styles import RenderStyles
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.strip import Strip
from textual.widgets import Input

from memos_admin.backend.workspace import Workspace
from memos_admin.tui import themes
from memos_admin.tui.widgets.row_list import RowList
from tests.tui import thrift
from tests.tui.looking import Look, at_both_sizes, main, opened, press, rest

KEYS = (
    "tab",
    "tab",
    "z",
    "z",
    "slash",
    "escape",
    "ctrl+o",
    "escape",
    "e",
    "escape",
    "P",
    "escape",
    "question_mark",
    "escape",
    "shift+tab",
    "X",
    "escape",
)


def rules(styles: RenderStyles) -> dict[str, Any]:
    """Return what is set; what is said not to be automatic is as if nothing were said."""
    found: Any = styles.base._rules
    return {name: value for name, value in found.items() if value is not False}


def all_rules(node: DOMNode) -> dict[str, dict[str, Any]]:
    """Return the rules of a node, and of what is in it only as the style of a part."""
    of_parts = {name: rules(styles) for name, styles in node._component_styles.items()}
    return {"": rules(node.styles), **of_parts}


def widgets(look: Look) -> list[DOMNode]:
    """Return the app and what its screen consists of."""
    return [look.app, *look.app.screen.walk_children(with_self=True)]


@at_both_sizes
async def test_each_part_of_a_screen_has_the_rules_that_textual_gives_it(
    story: Workspace, size: tuple[int, int]
) -> None:
    compared = 0
    async with opened(story, size) as look:
        for key in ("", *KEYS):
            if key:
                await press(look, key)
            if key == "P":
                look.app.theme = themes.LIGHT.name
                await rest(look)
            for node in widgets(look):
                before = all_rules(node)
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(Stylesheet, "apply", thrift.plain_apply)
                    patch.setattr(Stylesheet, "replace_rules", staticmethod(thrift.plain_replace))
                    look.app.stylesheet.apply(node)
                after = all_rules(node)
                for name, was in before.items():  # of a line only those that were drawn
                    assert was == after.get(name, was), (key, node, name)
                compared += len(after)
    assert compared > 500


@at_both_sizes
async def test_each_message_is_handled_by_what_textual_has_handle_it(
    story: Workspace, size: tuple[int, int]
) -> None:
    handled = 0
    async with opened(story, size) as look:
        users = main(look).desk.panes.users
        for message in (
            events.Key("j", "j"),
            events.Focus(),
            events.Blur(),
            events.Mount(),
            events.ScreenResume(),
            RowList.Highlighted(users, None, True),
            Input.Changed(Input(), ""),
        ):
            message._sender = users
            for node in widgets(look):
                name = message.handler_name
                found = [*thrift.dispatch_methods(node, name, message)]
                assert found == [*thrift.plain_methods(node, name, message)]
                handled += len(found)
    assert handled > 50


def test_each_strip_has_what_textual_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Strip([Segment("ab"), Segment("c")], 3)
    monkeypatch.setattr(Strip, "__init__", thrift.plain_strip)
    plain = Strip([Segment("ab"), Segment("c")], 3)
    for name in Strip.__slots__:
        one, other = getattr(ours, name), getattr(plain, name)
        assert type(one) is type(other)
        if isinstance(one, FIFOCache):
            assert (one._maxsize, len(one)) == (other._maxsize, len(other))
            assert getattr(ours, name) is one
        else:
            assert one == other
    assert not hasattr(ours, "nothing")
