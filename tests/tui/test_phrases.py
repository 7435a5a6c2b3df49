"""Words for times and counts."""

from __future__ import annotations

import pytest

from memos_admin.backend.perspective import perspective, without_marks
from memos_admin.tui.commands.bindings import BY_ID, bindings, footer
from memos_admin.tui.commands.command import FOOTER_KEYS, PANES, Command
from memos_admin.tui.commands.table import COMMANDS
from memos_admin.tui.screens.main import MainScreen
from memos_admin.tui.words import phrases
from memos_admin.tui.words.phrases import DAY, HOUR, MINUTE

NOW = 1_794_000_000_000  # 2026-11-06T21:20:00Z


@pytest.mark.parametrize(
    ("past", "short", "long"),
    [
        (0, "now", "just now"),
        (5 * MINUTE, "5 m", "5 min ago"),
        (3 * HOUR, "3 h", "3 h ago"),
        (DAY, "5 Nov", "yesterday"),
        (30 * DAY, "7 Oct", "30 days ago"),
        (400 * DAY, "Oct ’25", "13 months ago"),
        (-HOUR, "6 Nov", "in the future"),
    ],
)
def test_ages(past: int, short: str, long: str) -> None:
    assert phrases.short_age(NOW - past, NOW) == short
    assert phrases.ago(NOW - past, NOW) == long


def test_counts_and_exact_times() -> None:
    assert phrases.memories(1) == "1 memory"
    assert phrases.memories(12040) == "12,040 memories"
    assert phrases.exact(NOW - DAY, NOW) == "5 Nov 2026 21:20:00 +00:00, yesterday"
    assert phrases.exact(None, NOW) == "unknown"
    assert phrases.short_age(None, NOW) == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("[user perspective] likes tea", "user perspective"),
        ("[assistant perspective] seems to like tea", "assistant's inference"),
        ("[user opinion] tea is best", "user's opinion"),
        ("likes tea", None),
    ],
)
def test_whose_words(content: str, word: str | None) -> None:
    assert perspective(content) == word
    assert "[" not in without_marks(content)


def _keys(command: Command) -> list[str]:
    return command.keys.split(",")


def test_commands_have_actions_and_keys_of_their_own() -> None:
    for pane in PANES:
        keys = [key for command in COMMANDS if pane in command.panes for key in _keys(command)]
        assert len(keys) == len(set(keys)), pane
    assert len(BY_ID) == len(COMMANDS)
    for command in COMMANDS:
        assert hasattr(MainScreen, f"action_{command.action.partition('(')[0]}"), command.id
    assert {binding.id for binding in bindings()} == set(BY_ID)


@pytest.mark.parametrize("pane", PANES)
def test_the_footer_is_short_and_ends_with_quit(pane: str) -> None:
    shown = footer(pane)
    assert len(shown) <= FOOTER_KEYS
    assert shown[-1].id == "quit"
    assert all(pane in command.panes for command in shown)
