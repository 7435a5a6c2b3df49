"""The page of all keys, made from the table of commands and from the bindings of the other screens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode

from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.bindings import by_group
from memos_admin.tui.commands.command import EVERYWHERE, PANES, Command
from memos_admin.tui.screens.changes import ChangesScreen
from memos_admin.tui.screens.completeness import CompletenessScreen
from memos_admin.tui.screens.counted import CountedMemories, CountedScreen
from memos_admin.tui.screens.dialogs import Choice
from memos_admin.tui.screens.evidence import EvidenceScreen
from memos_admin.tui.screens.export import ExportScreen
from memos_admin.tui.screens.help import Help
from memos_admin.tui.screens.hygiene import HygieneScreen
from memos_admin.tui.screens.jump import JumpBox
from memos_admin.tui.screens.overview import OverviewScreen
from memos_admin.tui.screens.project_list import ProjectList
from memos_admin.tui.screens.projects import ProjectsScreen
from memos_admin.tui.screens.questions import QuestionsScreen
from memos_admin.tui.screens.queue import QueueScreen
from memos_admin.tui.screens.recall import RecallScreen
from memos_admin.tui.screens.search import SearchScreen
from memos_admin.tui.screens.syncs import SyncsScreen
from memos_admin.tui.screens.timeline import TimelineScreen
from memos_admin.tui.screens.verdicts import VerdictsScreen
from memos_admin.tui.screens.versions import VersionsScreen
from memos_admin.tui.screens.viewer import Viewer
from memos_admin.tui.widgets.choice_line import ChoiceLine
from memos_admin.tui.widgets.connect_form import ConnectForm
from memos_admin.tui.widgets.dialog import Dialog
from memos_admin.tui.widgets.preview_table import PreviewTable

_INTRODUCTION = """\
# Keys

`make docs` writes this page from the program itself. In the program `?` shows the same, the keys of
where you are first.

## The main screen

*Where* names the panes in which a key works. The *id* is the name of the command in the
configuration; two keys of one row with two ids do the two things that the row tells, in that order.
Keys are written here as they are written in the configuration.
"""

_OTHER_KEYS = """\
## Other keys for commands

In `config.toml` (`memos-admin store path` prints a path in the same folder, and
[configuration.md](configuration.md) tells the rest):

```toml
[interface.keys]
sync = "f5"                     # one key instead of ours
move.down = "down, ctrl+j"      # several, separated by commas
zoom = "z, f6"
copy_link = ""                  # none
```

* A key is the character that it types (`j`, `J`, `?`, `/`), or a name: `f5`, `space`, `tab`,
  `enter`, `escape`, `pagedown`, `home`, `delete`, `left`. The comma is written `comma`. Held with it:
  `ctrl+j`, `alt+up`, `shift+f5`.
* An id that there is not, a key that there is not, and one key for two commands of a pane are
  told with file and line before anything opens, and by `memos-admin doctor`. Commands of the command
  line work all the same.
* `ctrl+q` always quits, and `ctrl+c` is not given to a command. What most terminals cannot
  tell apart (`ctrl+i` and `tab`, `ctrl+m` and `enter`) is refused, with what to write instead.
* The footer, the palette and `?` show your keys.

## The other screens

These keys are fixed. Fields take the letters that are typed into them.
"""

_UP_DOWN = {"move(1)": "the next row", "move(-1)": "the row before"}
_PAGES = {"page(1)": "a page down", "page(-1)": "a page up"}
_ENDS = {"end(False)": "the top", "end(True)": "the end"}
_SCROLL = {"scroll(1)": "a line down", "scroll(-1)": "a line up"}
_FOCUS = {"app.focus_next": "the next part", "app.focus_previous": "the part before"}
_STOP = {"stop": "stop the syncs that run"}
_COPY = {"copy_command": "copy the command that writes what is shown"}
_FILTER = {
    "filter": "type a filter of memories, as in their list",
    "saved_filters": "choose a saved filter, or save, rename and remove one",
}
_LEAVE = {"dismiss(None)": "leave"}
_ALL_KEYS = {"keys": "all keys of this screen"}


@dataclass(frozen=True)
class Fixed:
    """A screen or a part of one whose keys are fixed.

    Attributes:
        does: what each action of its bindings does.
        more: keys that a part of it has of its own (Textual's fields and lists), and what they do.
    """

    title: str
    nodes: Sequence[type[DOMNode]]
    does: Mapping[str, str]
    more: Sequence[tuple[str, str]] = ()


FIXED = (
    Fixed(
        "Go to (`ctrl+g`)",
        [JumpBox],
        {**_LEAVE, **_UP_DOWN, **_PAGES, "ask": "ask MemOS for what is typed"},
        [("enter", "open the row, or ask MemOS")],
    ),
    Fixed(
        "Review (`Q`)",
        [QueueScreen],
        {
            **_LEAVE,
            **_SCROLL,
            **_FOCUS,
            **_COPY,
            **_ALL_KEYS,
            "app.quit": "quit",
            "verdict('correct')": "correct; and on to the next memory",
            "verdict('wrong')": "wrong",
            "verdict('outdated')": "outdated",
            "verdict('duplicate')": "duplicate",
            "verdict('too_sensitive')": "too sensitive",
            "verdict('about_someone_else')": "about someone else",
            "verdict('unsure')": "unsure",
            "withdraw": "take the verdict on this memory back",
            "undo": "go back to what was judged last, and take that back",
            "note": "say why, beside the verdict on the memory that is shown",
            "step(1)": "the next memory",
            "step(-1)": "the memory before",
            "unjudged": "the next memory that you have not judged",
            "open": "open it on the main screen",
            "fetch": "ask MemOS for the messages of its conversation",
            "edit": "edit the title or the text of this memory in MemOS, where that is allowed",
            "correct": "send corrections of what is flagged in this queue, where that is allowed",
            "copy_id": "copy its id",
            "verdicts": "show all verdicts, in a list and in numbers",
            "ticket": "say which ticket the following verdicts are for",
            "page(1)": "a page down in its messages",
            "page(-1)": "a page up there",
        },
    ),
    Fixed(
        "Verdicts (`8`)",
        [VerdictsScreen],
        {
            **_COPY,
            "leave": "drop a filter, then leave",
            "dismiss(None)": "leave",
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            **_ALL_KEYS,
            "app.quit": "quit",
            "enter": "show the memory on the main screen; from numbers, what was said",
            "choose(1)": "the next list: what was said, by week and view, who agrees",
            "choose(-1)": "the list before",
            **_FILTER,
            "whose": "of this user, or of everyone",
            "export": "write the verdicts to a file",
            "again": "read again",
        },
    ),
    Fixed(
        "Hygiene (`Z`)",
        [HygieneScreen],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "leave": "drop a filter, then leave",
            "app.quit": "quit",
            "enter": "go to the memory beside its source; on a rule: fold it, or show its findings",
            "rule(1)": "the next rule",
            "rule(-1)": "the previous rule",
            "evidence": "what stands behind the memory",
            "queue": "go through findings one by one, and judge them: of this rule, or of all",
            "fold": "the rules only, or all findings",
            "whose": "this user, or everyone",
            **_FILTER,
            "read(1)": "read on in the reason",
            "read(-1)": "read back",
            "again": "look again",
            "stop": "stop looking",
            "keys": "all keys",
        },
    ),
    Fixed(
        "Search (`f`)",
        [SearchScreen],
        {
            **_COPY,
            **_LEAVE,
            **_UP_DOWN,
            **_PAGES,
            "switch": "what is stored here, or what MemOS would recall",
            "where": "in messages, in memories, or in both",
            "whose": "of everyone, or of this user",
            "order": "what arrived last first, or the best first",
        },
        [("enter", "open the row, or ask MemOS")],
    ),
    Fixed(
        "Recall lab (`ctrl+r`)",
        [RecallScreen],
        {
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "leave": "from the question to the table, drop a filter, then leave",
            "app.quit": "quit",
            "enter": "ask the question; in the table go to the memory",
            "switch": "the question, or the table",
            "question": "type another question",
            "threshold": "another threshold",
            "limits": "how many of each view at most",
            "views": "which views are asked for",
            "conversation": "which conversation is sent",
            "sent_filter": "which filter is sent",
            **_FILTER,
            "configured": "send what the configuration says",
            "only": "what is in, what is out, or both",
            "recent": "a question that was asked before",
            "again": "ask again",
            "read(1)": "the reason, a page on",
            "read(-1)": "the reason, a page back",
            "stop": "stop asking",
            **_COPY,
            "mark(True)": "expect that the memory is recalled; again: expect nothing",
            "mark(False)": "expect that it is not",
            "save": "save the question with what is marked into a file",
            "questions": "the questions that a file has: check them, or go on with one",
        },
    ),
    Fixed(
        "Saved questions (`'` in the recall lab)",
        [QuestionsScreen],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "dismiss(None)": "leave",
            "app.quit": "quit",
            "enter": "ask it in the recall lab",
            "check(False)": "ask MemOS this question, and compare with what is expected",
            "check(True)": "check all questions of the file",
            "expected": "what is expected of it: change one thing, take it out, add one",
            "file": "another file",
            "read(1)": "what came of it, a page on",
            "read(-1)": "what came of it, a page back",
            "again": "read the file again",
            "stop": "stop asking",
        },
    ),
    Fixed(
        "Changes (`c`)",
        [ChangesScreen],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            **_FILTER,
            "leave": "drop the kind, then the filter, then leave",
            "app.quit": "quit",
            "enter": "go to what changed",
            "period(1)": "the next period",
            "period(-1)": "the period before",
            "whose": "of this user, or of everyone",
            "kind": "one kind of changes",
            "since": "since a day or a time",
            "again": "read them again",
            "log": "the syncs, to see the changes of one of them",
            **_STOP,
        },
    ),
    Fixed(
        "Evidence (`p`)",
        [EvidenceScreen],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "leave": "drop a filter, then leave",
            "app.quit": "quit",
            "enter": "go to the memory beside its source, or to the message",
            "list(1)": "the next list",
            "list(-1)": "the list before",
            "kind": "only one kind of the list",
            "whose": "of the chosen user, or of everyone",
            "teller": "what is marked as the user's words, what is unmarked, what was inferred, or all",
            "only": "of the chosen conversation, or of all",
            **_FILTER,
            "read(1)": "the reason, a page on",
            "read(-1)": "the reason, a page back",
            "again": "compare everything again",
            "stop": "stop comparing; what was found stays",
        },
    ),
    Fixed(
        "Syncs (`l` in the changes)",
        [SyncsScreen],
        {
            **_COPY,
            **_LEAVE,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "app.quit": "quit",
            "leave": "drop the words, then leave",
            "filter": "type words of whose it is, what it found, how it ended",
            "enter": "show the changes of the sync",
            "again": "read them again",
        },
    ),
    Fixed(
        "Completeness (`i`)",
        [CompletenessScreen],
        {
            **_COPY,
            **_LEAVE,
            "move(1)": "down",
            "move(-1)": "up",
            **_PAGES,
            **_ENDS,
            "app.quit": "quit",
            "enter": "go to the place, or the user",
            "choose(1)": "the next place",
            "choose(-1)": "the place before",
            "whose": "of this user, or of everyone",
            "again": "count again",
        },
    ),
    Fixed(
        "Overview (`ctrl+o`)",
        [OverviewScreen],
        {
            **_COPY,
            **_LEAVE,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "app.quit": "quit",
            "enter": "show the list of what a number counts",
            **_FILTER,
            "leave": "drop the filter, then leave",
            "whose": "of this user, or of everyone",
            "again": "count again",
            "stop": "stop counting",
        },
    ),
    Fixed(
        "What a number of the overview counts",
        [CountedScreen, CountedMemories],
        {
            **_COPY,
            **_LEAVE,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "app.quit": "quit",
            "enter": "go to the user or the memory",
            "again": "read it again",
            **_FILTER,
            "leave": "leave the field, or the list",
            "order": "order the memories by the next column",
            "reverse": "turn their order round",
        },
    ),
    Fixed(
        "Time line (`H`)",
        [TimelineScreen],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            **_FILTER,
            "leave": "drop the filter, then leave",
            "dismiss(None)": "leave",
            "app.quit": "quit",
            "enter": "show the changes of the day",
            "whose": "of this user, or of everyone",
            "again": "read them again",
        },
    ),
    Fixed(
        "Versions (`V`)",
        [VersionsScreen],
        {
            **_COPY,
            **_LEAVE,
            "scroll(1)": "down",
            "scroll(-1)": "up",
            **_PAGES,
            **_ENDS,
            "step(-1)": "the version before",
            "step(1)": "the version behind",
        },
    ),
    Fixed(
        "Export (`e`)",
        [ExportScreen],
        {
            **_COPY,
            **_FOCUS,
            "enter": "from a choice to what is next; else write, a second time to replace a file; "
            "when all is done, leave",
            "write": "write",
            "back": "leave, or stop what is written",
            "stop": "stop what is written, or the syncs that run",
            "copy": "copy the path of what was written",
            "more": "export something else",
            "quit": "quit, unless something is being written",
            "app.quit": "quit",
        },
    ),
    Fixed(
        "Export: a line of choices",
        [ChoiceLine],
        {"choose(1)": "the next choice", "choose(-1)": "the choice before"},
    ),
    Fixed(
        "Export: the first rows",
        [PreviewTable],
        {
            **_PAGES,
            "column(1)": "the next column",
            "column(-1)": "the column before",
            "row(1)": "the next row",
            "row(-1)": "the row before",
        },
    ),
    Fixed(
        "Projects (`P`)",
        [ProjectsScreen, ProjectList],
        {
            **_COPY,
            **_UP_DOWN,
            **_PAGES,
            **_ENDS,
            "leave": "leave",
            "app.quit": "quit",
            "enter": "open the project",
            "add": "connect another project",
            "rename": "rename",
            "new_key": "give a new key",
            "test": "ask MemOS whether it accepts the key",
            "use": "make it the default",
            "remove": "remove it, with what is stored of it; it asks for the name",
            "backups": "put a backup in the place of its store, where that is damaged",
            "again": "look again",
            **_STOP,
            "about(1)": "scroll what is told of the project down",
            "about(-1)": "scroll it up",
        },
    ),
    Fixed(
        "Connecting a project",
        [ConnectForm],
        {"leave": "leave", "next": "the next part", "previous": "the part before"},
    ),
    Fixed(
        "A text as a whole (`enter` on a message, `R`, `!`)",
        [Viewer],
        {
            **_LEAVE,
            **_SCROLL,
            **_PAGES,
            **_ENDS,
            "copy": "copy it",
            **_COPY,
            "more('raw')": "the JSON of the message, or leave what is none",
            "more('jump')": "go to any id or link",
            "more('help')": "say these keys",
        },
    ),
    Fixed(
        "Help (`?`)",
        [Help],
        {
            **_LEAVE,
            **_SCROLL,
            **_PAGES,
            **_ENDS,
            "leave": "drop the words that narrow it, then leave",
            "narrow": "narrow it by words",
        },
    ),
    Fixed(
        "A list to choose from (`v`, `t`, `u`, `d`)",
        [Choice],
        {
            **_LEAVE,
            **_UP_DOWN,
            **_ENDS,
            "leave": "drop the words that narrow it, then leave",
            "narrow": "narrow it by words",
        },
        [("enter", "choose")],
    ),
    Fixed(
        "What a dialog tells, where there is too little room for all of it",
        [Dialog],
        {
            "read(1)": "read on (where a text is typed `pagedown` alone)",
            "read(-1)": "read back (there `pageup` alone)",
        },
    ),
)


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for group, commands in by_group():
        yield f"### {group}"
        yield ""
        yield "| keys | what they do | where | id |"
        yield "| --- | --- | --- | --- |"
        for row in rows(commands):
            keys = " · ".join(_quoted(command.keys) for command in row)
            ids = " · ".join(f"`{command.id}`" for command in row)
            yield f"| {keys} | {row[0].help} | {_where(row[0])} | {ids} |"
        yield ""
    yield _OTHER_KEYS
    for fixed in FIXED:
        yield f"### {fixed.title}"
        yield ""
        yield "| keys | what they do |"
        yield "| --- | --- |"
        for keys, does in (*bound(fixed), *((f"`{key}`", does) for key, does in fixed.more)):
            yield f"| {keys} | {does} |"
        yield ""


def rows(commands: Sequence[Command]) -> list[list[Command]]:
    """Return commands in rows: one without words of its own stands in the row of the one before."""
    found: list[list[Command]] = []
    for command in commands:
        if command.help or not found:
            found.append([command])
        else:
            found[-1].append(command)
    return found


def _where(command: Command) -> str:
    if command.panes == EVERYWHERE:
        return "everywhere"
    return ", ".join(pane for pane in PANES if pane in command.panes)


def bound(fixed: Fixed) -> Iterator[tuple[str, str]]:
    """Yield the keys of each binding with what they do.

    Raises:
        KeyError: nobody said what an action does.
    """
    for node in fixed.nodes:
        for binding in node.BINDINGS:
            if not isinstance(binding, Binding):
                raise TypeError(f"{node.__name__} has a binding without a name: {binding!r}")
            yield _quoted(binding.key), (_ALL_KEYS | fixed.does)[binding.action]


def written(keys: str) -> list[str]:
    """Return Textual's names of keys, joined by commas, as the configuration takes them."""
    if not keys:
        return []
    return [_name(binding.key) for binding in Binding.make_bindings([Binding(keys, "")])]


def _quoted(keys: str) -> str:
    return " ".join(f"`{key}`" for key in written(keys))


def _name(key: str) -> str:
    if key in {"space", "comma"} or not keymap.types_something(key):
        return key
    return keymap.written(key)
