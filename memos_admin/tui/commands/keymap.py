"""Which keys do what, once a person has had a say: names of keys, other keys, clashes.

Textual has keymaps of its own, but they drop a command whose key is taken without a word, lose what
shares a key with a remapped one, and cannot take a key away. So the table of commands itself is
made anew, before anything is bound, shown or listed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingsMap
from textual.keys import REPLACED_KEYS, Keys, key_to_character

from memos_admin.backend.config import Faults
from memos_admin.backend.interface_settings import Setting
from memos_admin.tui.commands.bindings import bindings
from memos_admin.tui.commands.command import PANES, Command
from memos_admin.tui.commands.table import COMMANDS
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from textual.dom import DOMNode

_MODIFIERS = frozenset({"alt", "ctrl", "hyper", "meta", "shift", "super"})

_SPECIAL = frozenset(
    name
    for name in (key.value.rpartition("+")[2] for key in Keys)
    if len(name) > 1 and name[0] != "<" and name != "ctrl-at"
)
"""Keys that type nothing, such as ``pagedown`` and ``f5``, and some that do."""

_OTHER_NAMES = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup"}
_OTHER_NAMES |= {"pgdn": "pagedown", "ins": "insert"}

_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape"}
"""What most terminals send one code for."""

_SIGNS = {"up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "pgup", "pagedown": "pgdn"}

QUITS = "ctrl+q"
"""Quits wherever one is, whatever else is remapped."""

_RESERVED = {"ctrl+c": "copies what is selected, and says how to quit"}

WHILE_TYPING = frozenset(b.id for b in bindings() if b.priority and b.id is not None)
"""Commands that work while a person types, so that no key of theirs may type something."""


class BadKey(ValueError):
    """A text that names no key; the text says why."""


def key_names(text: str) -> tuple[str, ...]:
    """Return Textual's names of the keys that a person wrote, separated by commas; none for "".

    Raises:
        BadKey: one of them is no key.
    """
    if not text.strip():
        return ()
    return tuple(dict.fromkeys(_key_name(part) for part in text.split(",")))


def _key_name(text: str) -> str:
    """Return Textual's name of one key. Raises BadKey."""
    text = text.strip()
    if not text:
        raise BadKey("a key is missing beside a comma; the key itself is written comma.")
    parts = [*text[:-2].split("+"), "+"] if text.endswith("++") else text.split("+")
    if text == "+":
        parts = ["+"]
    *modifiers, last = parts
    held = {modifier.strip().lower() for modifier in modifiers}
    if not held <= _MODIFIERS:
        raise BadKey(f"{text!r} is no key; what may be held with one: {_listed(_MODIFIERS)}.")
    name = _base_name(last.strip(), text)
    if len(name) == 1:
        if held == {"shift"} and name.isalpha():
            held, name = set(), name.upper()
        elif held:
            name = name.lower()
    elif "shift" in held and types_something(name) and name != "space":
        raise BadKey(f"{text!r}: write the character that it types.")
    whole = "+".join([*sorted(held), name])
    if whole in _SAME:
        raise BadKey(f"{text!r} is {_SAME[whole]} to most terminals; write {_SAME[whole]}.")
    if whole in _RESERVED:
        raise BadKey(f"{text!r} {_RESERVED[whole]}. Choose another key.")
    return whole


def _base_name(name: str, text: str) -> str:
    """Return Textual's name of a key without what is held with it. Raises BadKey."""
    if len(name) > 1:
        name = name.lower()
        name = _OTHER_NAMES.get(name, name)
        if name in _SPECIAL:
            return name
        name = _character(name) or ""
    if len(name) != 1 or not name.isprintable():
        raise BadKey(f"{text!r} is no key. Such are: j, J, ?, f5, space, pagedown, ctrl+j, alt+up.")
    return "comma" if name == "," else next(_normal(name))


def written(key: str) -> str:
    """Return how a key is written for people: ``?`` for question_mark, ``ctrl+←`` for ctrl+left."""
    held, plus, name = key.rpartition("+")
    if types_something(name) and name != "space":
        name = _character(name) or name
    return f"{held}{plus}{_SIGNS.get(name, name)}"


def types_something(key: str) -> bool:
    """Whether a key puts a character into a field."""
    character = _character(key)
    if character is None:  # Textual's names of rare characters lead nowhere back
        return "+" not in key and key not in _SPECIAL
    return character.isprintable()


def _character(key: str) -> str | None:
    """Return the character that a key types; Textual's own function knows not all of its names."""
    return key_to_character(REPLACED_KEYS.get(key, key))


def apply(commands: Sequence[Command], mapping: Mapping[str, Sequence[str]]) -> tuple[Command, ...]:
    """Return the commands with other keys, both those that work and those that are shown.

    Commands of a family (``move.down``, ``move.up``) are shown together, by the first of them.

    Args:
        commands: the table.
        mapping: Textual's names of keys by the id of a command; none: it has no key.
    """
    mapped = [
        replace(command, keys=",".join(mapping[command.id])) if command.id in mapping else command
        for command in commands
    ]
    changed = {_family(name) for name in mapping}
    return tuple(
        replace(command, shown=_shown(command, mapped))
        if _family(command.id) in changed and command.shown
        else command
        for command in mapped
    )


def shown(command: Command) -> str:
    """Return the keys of one command as they are written for people."""
    return " ".join(written(key) for key in _keys(command))


def _shown(head: Command, commands: Sequence[Command]) -> str:
    """Return the keys of a family: the first of each, then the second of each, and so on."""
    members = [
        command
        for command in commands
        if command is head or (_family(command.id) == _family(head.id) and not command.shown)
    ]
    rounds = zip_longest(*(map(written, _keys(member)) for member in members))
    return " ".join(key for keys in rounds for key in keys if key is not None)


def _family(name: str) -> str:
    return name.partition(".")[0]


def _keys(command: Command) -> tuple[str, ...]:
    return tuple(_normal(command.keys))


def _normal(keys: str) -> Iterator[str]:
    """Yield Textual's names of keys that are names of Textual already, or characters."""
    if keys:
        for binding in Binding.make_bindings([Binding(keys, "")]):
            yield binding.key


def bind(node: DOMNode, new: Iterable[Binding]) -> None:
    """Give a screen or the app these bindings in place of those of its class."""
    node._bindings = BindingsMap(new)  # noqa: SLF001 - Textual has a public way for classes only


def clashes(commands: Iterable[Command]) -> Iterator[tuple[str, Command, Command]]:
    """Yield each key with two commands that it would mean in one pane."""
    owners: dict[str, list[Command]] = {}
    for command in commands:
        for key in _keys(command):
            for other in owners.setdefault(key, []):
                if other.panes & command.panes:
                    yield key, other, command
            owners[key].append(command)


def remapped(
    settings: Mapping[str, Setting], commands: Sequence[Command] = COMMANDS
) -> tuple[Command, ...]:
    """Return the commands with the keys that the configuration gives them.

    Raises:
        ConfigError: it names an unknown command or key, or gives two commands one key.
    """
    known = {command.id for command in commands}
    mapping: dict[str, tuple[str, ...]] = {}
    faults = Faults()
    for name, setting in settings.items():
        with faults.collected():
            mapping[name] = _keys_of(name, setting, known)
    faults.tell()
    table = apply(commands, mapping)
    for key, first, second in clashes(table):
        with faults.collected():
            _refuse(key, first, second, settings)
    faults.tell()
    return table


def _keys_of(name: str, setting: Setting, known: set[str]) -> tuple[str, ...]:
    """Return the keys that a setting gives a command. Raises ConfigError."""
    if name not in known:
        raise setting.error(f"there is no such command{_nearest(name, known)}.")
    try:
        keys = key_names(setting.value)
    except BadKey as error:
        raise setting.error(said_by(error)) from None
    _check_use(name, keys, setting)
    return keys


def _check_use(name: str, keys: Sequence[str], setting: Setting) -> None:
    """Refuse keys that this command cannot have."""
    if QUITS in keys and name != "quit":
        raise setting.error(f"{QUITS} always quits. Choose another key.")
    typing = [key for key in keys if types_something(key)]
    if typing and name in WHILE_TYPING:
        raise setting.error(
            f"{written(typing[0])} types something, and this works while a person types. "
            "Choose a key such as tab, f6 or ctrl+n."
        )


def _refuse(key: str, first: Command, second: Command, settings: Mapping[str, Setting]) -> None:
    """Raise the error about a key of two commands, at the one that was written last."""
    order = list(settings)
    faulty, other = sorted(
        (first, second),
        key=lambda command: order.index(command.id) if command.id in settings else -1,
        reverse=True,
    )
    if faulty.id not in settings:
        return  # ours, not the configuration's
    default = "" if other.id in settings else " unless that is remapped too"
    common = faulty.panes & other.panes
    where = "" if common == frozenset(PANES) else f" in {_listed(p for p in PANES if p in common)}"
    raise settings[faulty.id].error(
        f"{written(key)} is the key of {other.id}{where}{default}. "
        f"Give {faulty.id} or {other.id} another one."
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean sync?)`` where a known name is near, else what there is."""
    from difflib import get_close_matches

    family = sorted(other for other in known if _family(other) == _family(name))
    near = family or get_close_matches(name, known, n=1)
    return f" (did you mean {' or '.join(near)}?)" if near else f"; there are {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names if isinstance(names, Iterator) else sorted(names))
