"""Every command of the main screen, once: bindings, footer, palette and help are made from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding

PANES = ("users", "conversations", "transcript", "memories", "detail")
"""The panes of the main screen in the order of ``tab``; also the ids of their widgets."""

LISTS = frozenset({"users", "conversations", "memories"})
EVERYWHERE = frozenset(PANES)
TEXTS = frozenset({"transcript", "memories", "detail"})

FOOTER_KEYS = 7
"""More keys than that nobody reads."""


@dataclass(frozen=True)
class Command:
    """What a person can do.

    Attributes:
        id: name of its action, and the name to remap its keys by.
        keys: Textual's names of keys, joined by commas.
        shown: how the keys are written for people.
        title: what the footer and the palette say.
        help: what it does, one sentence; "": the help of another command says it.
        group: heading that it stands under in the help.
        panes: where it works.
        footer: panes in whose footer it stands.
        arguments: of its action.
    """

    id: str
    keys: str
    shown: str
    title: str
    help: str
    group: str
    panes: frozenset[str] = EVERYWHERE
    footer: frozenset[str] = frozenset()
    arguments: str = ""

    @property
    def action(self) -> str:
        """Textual's text of the action."""
        name = self.id.replace("-", "_").partition(".")[0]
        return f"{name}({self.arguments})"


_GO, _SHOW, _FETCH, _TAKE, _APP = "Moving", "Showing", "Fetching", "Taking along", "Program"

COMMANDS = (
    Command(
        "next_pane",
        "tab",
        "tab",
        "next pane",
        "The next pane; shift+tab: the previous one.",
        _GO,
        footer=frozenset({"transcript"}),
    ),
    Command("previous_pane", "shift+tab", "shift+tab", "previous pane", "", _GO),
    Command(
        "pane_beside.left",
        "ctrl+left",
        "ctrl+←→↑↓",
        "pane on the left",
        "The pane on that side.",
        _GO,
        arguments="'left'",
    ),
    *(
        Command(f"pane_beside.{side}", f"ctrl+{side}", "", "", "", _GO, arguments=f"'{side}'")
        for side in ("right", "up", "down")
    ),
    Command(
        "move.down",
        "down,j",
        "↓ ↑ j k",
        "down",
        "A row, message or line down or up.",
        _GO,
        arguments="1",
    ),
    Command("move.up", "up,k", "", "up", "", _GO, arguments="-1"),
    Command(
        "page.down",
        "pagedown,ctrl+d",
        "pgdn pgup",
        "page down",
        "A page down or up.",
        _GO,
        arguments="1",
    ),
    Command("page.up", "pageup,ctrl+u", "", "page up", "", _GO, arguments="-1"),
    Command("end.first", "home,g", "g G", "top", "The top or the end.", _GO, arguments="False"),
    Command("end.last", "end,G", "", "end", "", _GO, arguments="True"),
    Command(
        "enter",
        "enter",
        "enter",
        "open",
        "Go in: from a user to conversations, to messages, to a message whole; "
        "from a memory to its detail, to the message that it came from.",
        _GO,
        footer=frozenset({"users", "conversations", "memories", "detail"}),
    ),
    Command(
        "out",
        "escape",
        "escape",
        "back",
        "Drop the last filter, then go back out.",
        _GO,
        footer=frozenset({"detail"}),
    ),
    Command(
        "user_message.next",
        "J",
        "J K",
        "next user message",
        "The next or previous message of the user.",
        _GO,
        frozenset({"transcript"}),
        arguments="1",
    ),
    Command(
        "user_message.previous", "K", "", "", "", _GO, frozenset({"transcript"}), arguments="-1"
    ),
    Command(
        "lead.next",
        "n",
        "n N",
        "next place to go to",
        "The next or previous line of the detail that enter can follow.",
        _GO,
        frozenset({"detail"}),
        arguments="1",
    ),
    Command("lead.previous", "N", "", "", "", _GO, frozenset({"detail"}), arguments="-1"),
    Command("filter", "slash", "/", "filter", "Narrow the list by text.", _SHOW, LISTS, LISTS),
    Command(
        "unfold",
        "space",
        "space",
        "unfold",
        "Unfold or fold a long message.",
        _SHOW,
        frozenset({"transcript"}),
        frozenset({"transcript"}),
    ),
    Command(
        "zoom",
        "z",
        "z",
        "zoom",
        "Give the pane the whole screen, and back.",
        _SHOW,
        footer=frozenset({"transcript"}),
    ),
    Command(
        "pick_view",
        "v",
        "v",
        "view",
        "Show memories of one view.",
        _SHOW,
        frozenset({"memories"}),
        frozenset({"memories"}),
    ),
    Command(
        "pick_tag",
        "t",
        "t",
        "tag",
        "Show memories with one tag.",
        _SHOW,
        frozenset({"memories"}),
    ),
    Command(
        "pick_status",
        "u",
        "u",
        "status",
        "Show memories of one status, or those gone.",
        _SHOW,
        frozenset({"memories"}),
    ),
    Command(
        "sort",
        "o",
        "o",
        "order",
        "Order by the next: users by activity, name, memories; memories by updated, created, "
        "title, view, confidence.",
        _SHOW,
        frozenset({"memories", "users"}),
    ),
    Command(
        "raw",
        "R",
        "R",
        "raw JSON",
        "Show what the service sent, as JSON.",
        _SHOW,
        TEXTS,
        frozenset({"detail"}),
    ),
    Command(
        "refresh",
        "r",
        "r",
        "refresh",
        "Ask MemOS for what is shown: the user's memories, the conversation's messages.",
        _FETCH,
        footer=frozenset({"users", "conversations", "transcript", "memories"}),
    ),
    Command(
        "sync",
        "s",
        "s",
        "sync",
        "Fetch everything of this user that changed.",
        _FETCH,
        footer=frozenset({"users", "conversations"}),
    ),
    Command("sync_all", "S", "S", "sync all", "Fetch what changed of all users.", _FETCH),
    Command("stop", "x", "x", "stop", "Stop the sync. What has arrived stays.", _FETCH),
    Command(
        "add",
        "a",
        "a",
        "add",
        "Add users, or conversations of this user, by their ids.",
        _FETCH,
        footer=frozenset({"users"}),
    ),
    Command(
        "export",
        "e",
        "e",
        "export",
        "Write the conversation, all of the user or the memories to a file.",
        _TAKE,
        footer=frozenset({"conversations", "transcript", "memories"}),
    ),
    Command(
        "copy_id",
        "y",
        "y",
        "copy id",
        "Copy the id of what is under the cursor.",
        _TAKE,
        footer=frozenset({"detail"}),
    ),
    Command(
        "copy_text",
        "Y",
        "Y",
        "copy text",
        "Copy the text of the message or memory.",
        _TAKE,
        TEXTS,
        frozenset({"detail"}),
    ),
    Command(
        "write_text",
        "w",
        "w",
        "write",
        "Write the text of the message or memory to a file.",
        _TAKE,
        TEXTS,
        frozenset(),
    ),
    Command("error", "exclamation_mark", "!", "last error", "Read the last error in full.", _APP),
    Command(
        "palette", "ctrl+p", "ctrl+p", "palette", "Find a command or a theme by its name.", _APP
    ),
    Command("help", "question_mark", "?", "help", "Show all keys.", _APP, footer=EVERYWHERE),
    Command("quit", "q,ctrl+q", "q", "quit", "Quit at once.", _APP, footer=EVERYWHERE),
)

BY_ID = {command.id: command for command in COMMANDS}


_PANES_OF_ACTIONS: dict[str, frozenset[str]] = {}
for _command in COMMANDS:
    _name = _command.action.partition("(")[0]
    _PANES_OF_ACTIONS[_name] = _PANES_OF_ACTIONS.get(_name, frozenset()) | _command.panes


def works(action: str, pane: str) -> bool:
    """Whether an action (its name only) does something in a pane; two may share a key then."""
    return pane in _PANES_OF_ACTIONS.get(action, EVERYWHERE)


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


def while_filtering(commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands for the footer while a filter is typed: letters are none then."""
    keep = Command("keep_filter", "enter", "enter", "keep", "", _SHOW)
    return [keep, *(replace(c, title="drop") for c in commands if c.id == "out")]


def of_pane(pane: str, commands: Sequence[Command] = COMMANDS) -> list[Command]:
    """Return the commands that a pane has for itself, and those that matter most in it."""
    return [
        command
        for command in commands
        if pane in command.panes
        and command.group != _APP
        and (command.panes != EVERYWHERE or pane in command.footer)
    ]


def by_group(commands: Sequence[Command] = COMMANDS) -> Iterator[tuple[str, list[Command]]]:
    """Yield the groups of commands with their headings, in order."""
    for group in (_GO, _SHOW, _FETCH, _TAKE, _APP):
        yield group, [command for command in commands if command.group == group]
