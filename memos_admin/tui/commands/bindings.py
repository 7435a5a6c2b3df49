"""The table of commands turned into bindings, footers and help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from textual.binding import Binding

from memos_admin.language import N_
from memos_admin.tui.commands.command import EVERYWHERE, GROUPS, PROGRAM, SHOWING, Command
from memos_admin.tui.commands.table import COMMANDS

BY_ID = {command.id: command for command in COMMANDS}


_PANES_OF_ACTIONS: dict[str, frozenset[str]] = {}
for _command in COMMANDS:
    _name = _command.action.partition("(")[0]
    _PANES_OF_ACTIONS[_name] = _PANES_OF_ACTIONS.get(_name, frozenset()) | _command.panes


def works(action: str, pane: str) -> bool:
    """Whether an action (its name only) does something in a pane; two may share a key then."""
    return pane in _PANES_OF_ACTIONS.get(action, EVERYWHERE)


def of_key(
    key: str, pane: str, commands: Sequence[Command] = COMMANDS
) -> tuple[bool, frozenset[str]]:
    """Return whether a key does something in a pane, and the panes in which it does."""
    panes = [command.panes for command in commands if key in command.keys.split(",")]
    there = frozenset[str]().union(*panes)
    return pane in there, there


def bindings(commands: Sequence[Command] = COMMANDS) -> list[Binding]:
    """Return the bindings of the main screen."""
    return [
        Binding(
            command.keys,
            command.action,
            command.title,
            show=False,
            id=command.id,
            priority=command.id in {"next_pane", "previous_pane"},
        )
        for command in commands
        if command.keys
    ]


def footer(pane: str, commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands for the footer of a pane, at most `FOOTER_KEYS`, quitting last."""
    return [command for command in commands if pane in command.footer and command.shown]


_WITHOUT_STORE = ("restore", "projects", "error", "help", "quit")


def without_store(commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands for the footer where the store is damaged: those that do something."""
    found = {command.id: command for command in commands if command.shown}
    return [found[name] for name in _WITHOUT_STORE if name in found]


def while_filtering(commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands for the footer while a filter is typed: letters are none then."""
    keep = Command("keep_filter", "enter", "enter", N_("keep"), "", SHOWING)
    return [keep, *(replace(c, title=N_("drop")) for c in commands if c.id == "out")]


def of_pane(pane: str, commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands that a pane has for itself, and those that matter most in it."""
    return [
        command
        for command in commands
        if pane in command.panes
        and command.group != PROGRAM
        and (command.panes != EVERYWHERE or pane in command.footer)
    ]


def by_group(commands: Sequence[Command] = COMMANDS) -> Iterator[tuple[str, list[Command]]]:
    """Yield the groups of commands with their headings, in order."""
    for group in GROUPS:
        yield group, [command for command in commands if command.group == group]
