"""Other keys for commands: names, what is shown, clashes; and that they work on the main screen."""

from __future__ import annotations

import string
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.interface_settings import interface_settings
from memos_admin.tui.commands import bindings as commands
from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.bindings import BY_ID
from memos_admin.tui.commands.command import Command
from memos_admin.tui.commands.keymap import BadKey, key_names, written
from memos_admin.tui.commands.table import COMMANDS

PATH = Path("/c.toml")


def remapped(keys: str) -> dict[str, Command]:
    """Return the commands by id after a table ``[interface.keys]``, whose first line is 2."""
    source = f"[interface.keys]\n{keys}"
    settings = interface_settings(Table(PATH, source, tomllib.loads(source)))
    return {command.id: command for command in keymap.remapped(settings.keys)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("j", ("j",)),
        ("J", ("J",)),
        ("shift+j", ("J",)),
        ("ctrl+J", ("ctrl+j",)),
        ("ctrl+j, down", ("ctrl+j", "down")),
        ("down,down", ("down",)),
        ("?", ("question_mark",)),
        ("/", ("slash",)),
        ("+", ("plus",)),
        ("ctrl++", ("ctrl+plus",)),
        ("comma", ("comma",)),
        ("PgDn", ("pagedown",)),
        ("Esc", ("escape",)),
        ("shift+Ctrl+Left", ("ctrl+shift+left",)),
        ("f5", ("f5",)),
        ("shift+tab", ("shift+tab",)),
        ("中", ("中",)),
        ("", ()),
        ("  ", ()),
    ],
)
def test_keys_are_written_in_many_ways(text: str, names: tuple[str, ...]) -> None:
    assert key_names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        *(",", "a,,b", "foo", "a b", "ctrl+", "<any>", "\x1b", "\u200b", "f99", "shift+/"),
        *("fn+j", "ctrl+c", "+j", "ctrl-j"),
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        key_names(text)


@pytest.mark.parametrize(("text", "same"), [("ctrl+i", "tab"), ("ctrl+m", "enter")])
def test_a_key_that_terminals_send_as_another_is_refused(text: str, same: str) -> None:
    with pytest.raises(BadKey, match=f"is {same} to most terminals; write {same}"):
        key_names(text)


@given(st.text())
def test_every_text_is_keys_or_refused(text: str) -> None:
    try:
        names = key_names(text)
    except BadKey:
        return
    assert all(names)


@pytest.mark.parametrize("character", [c for c in string.printable if c.isprintable()])
def test_every_key_of_a_keyboard_is_shown_as_it_may_be_written(character: str) -> None:
    if character in ", ":
        return  # written comma and space
    names = key_names(character)
    assert written(names[0]) == character
    assert keymap.types_something(names[0])


@pytest.mark.parametrize("key", ["»", "中", "space", "comma"])
def test_a_key_that_types_something_is_known(key: str) -> None:
    assert keymap.types_something(key_names(key)[0])


@pytest.mark.parametrize("key", ["tab", "f5", "enter", "ctrl+j", "left", "backspace", "insert"])
def test_a_key_that_types_nothing_is_known(key: str) -> None:
    assert not keymap.types_something(key_names(key)[0])


def test_our_own_keys_clash_nowhere() -> None:
    assert list(keymap.clashes(COMMANDS)) == []


def test_our_own_keys_are_names_of_keys() -> None:
    for command in COMMANDS:
        assert ",".join(key_names(command.keys)) == command.keys


def test_what_is_shown_of_our_own_keys_are_keys_that_work() -> None:
    for command in COMMANDS:
        if command.id.startswith(("pane_beside", "verdict.")):
            continue  # written in one: ctrl+←→↑↓, 1…7
        family = [c for c in COMMANDS if c.id.partition(".")[0] == command.id.partition(".")[0]]
        work = set(chain.from_iterable(keymap.shown(c).split() for c in family))
        assert set(command.shown.split()) <= work, command.id


def test_without_settings_nothing_changes() -> None:
    assert keymap.remapped({}) == COMMANDS


def test_a_remapped_command_has_its_new_keys_and_shows_them() -> None:
    table = remapped('sync = "f5, ctrl+n"\n')
    assert (table["sync"].keys, table["sync"].shown) == ("f5,ctrl+n", "f5 ctrl+n")
    assert table["refresh"] == BY_ID["refresh"]


def test_a_family_shows_the_keys_of_all_its_members() -> None:
    table = remapped('move.down = "ctrl+j, down"\n"user_message.previous" = "f9"\n')
    assert table["move.down"].shown == "ctrl+j ↑ ↓ k"
    assert table["move.up"].shown == ""
    assert table["user_message.next"].shown == "J f9"


def test_two_commands_can_change_keys() -> None:
    table = remapped('sync = "r"\nrefresh = "s"\n')
    assert (table["sync"].keys, table["refresh"].keys) == ("r", "s")


def test_a_command_can_be_left_without_a_key_and_its_key_given_away() -> None:
    table = remapped('stop = ""\nexport = "x"\n')
    assert (table["stop"].keys, table["stop"].shown) == ("", "")
    assert table["export"].keys == "x"


def test_commands_that_share_no_pane_may_share_a_key() -> None:
    assert remapped('unfold = "O"\n')["unfold"].keys == "O"


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            'sync = "r"',
            (
                r"line 2: interface\.keys\.sync: r is the key of refresh unless that is remapped too\. "
                r"Give sync or refresh another one\."
            ),
        ),
        (
            'sync = "f5"\nzoom = "f6"\nexport = "f6, f5"',
            r"line 4: interface\.keys\.export: f6 is the key of zoom\. ",
        ),
        (
            'copy_text = "v"',
            r"line 2: interface\.keys\.copy_text: v is the key of pick_view in transcript, memories, detail unless",
        ),
        ('move.down = "k"', r"line 2: interface\.keys\.move\.down: k is the key of move\.up"),
        ('help = "?, q"', r"line 2: interface\.keys\.help: q is the key of quit"),
        (
            'synk = "r"',
            r"line 2: interface\.keys\.synk: there is no such command \(did you mean sync\?\)",
        ),
        (
            'move = "r"',
            r"line 2: interface\.keys\.move: .* \(did you mean move\.down or move\.up\?\)",
        ),
        ('xyzzy = "r"', r"line 2: interface\.keys\.xyzzy: .*; there are add, archive, changes, "),
        ('sync = "r,"', r"line 2: interface\.keys\.sync: a key is missing beside a comma"),
        ('sync = "ctrl+q"', r"line 2: interface\.keys\.sync: ctrl\+q always quits"),
        ('next_pane = "n"', r"line 2: interface\.keys\.next_pane: n types something"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(keys: str, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"^/c\.toml, {told}"):
        remapped(keys)


def test_commands_that_work_while_typing_have_keys_that_type_nothing() -> None:
    for name in keymap.WHILE_TYPING:
        assert not any(map(keymap.types_something, key_names(BY_ID[name].keys)))
    assert {"next_pane", "previous_pane"} <= keymap.WHILE_TYPING


def test_every_binding_can_be_remapped() -> None:
    assert {binding.id for binding in commands.bindings()} <= set(BY_ID)
