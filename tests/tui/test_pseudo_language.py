"""No word is left out: in a language that nobody speaks, every word of ours is written otherwise.

What the service and its users say stands in capitals and digits here, so that a small Latin letter
on the screen is a word of ours that was not translated.
"""

from __future__ import annotations

import re
import string
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from gettext import NullTranslations

import pytest

from memos_admin import language
from memos_admin.backend import roster
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Task
from memos_admin.cloud.envelope import Reply, judge
from memos_admin.cloud.errors import NotFound
from memos_admin.tui.app import MemosAdmin
from memos_admin.tui.widgets.preview_table import PreviewTable
from tests.backend.service import Service
from tests.tui.looking import Look, main, opened, press, rest, rows, seen
from tests.tui.story import change_story, tell_story

_OTHERWISE = str.maketrans(string.ascii_lowercase, "ȧƀċḋėƒġħıȷķŀṁṅȯṗɋṙṡṫüṽẇẋẏż")


class Pseudo(NullTranslations):
    """Every text with other letters and a third longer; what is in braces stays."""

    def gettext(self, message: str) -> str:
        parts = re.split(r"(\{\w+\})", message)
        shown = "".join(p if p.startswith("{") else p.translate(_OTHERWISE) for p in parts)
        return shown + "~" * (len(message) // 3)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody speaks another language meanwhile."""
    monkeypatch.setattr(language, "_catalogue", Pseudo())
    monkeypatch.setattr(language, "_active", "pseudo")
    monkeypatch.setattr(language, "activate", lambda _language: None)
    monkeypatch.setattr(language, "LANGUAGES", {"en": "ENGLISH", "zh": "中文"})


KEYS = "alt backspace ctrl delete end enter escape home pgdn pgup shift space tab"
"""Names of keys are written on them."""

NAMES = (
    "memos admin config toml key_command keyring null gnome"  # programs, files
    " json csv xlsx txt jsonl mpg https http api openmem v1 127.0.0.1"  # forms and addresses
    " acme prod activated resolving archived deleted"  # what the service calls it
    " desk dark light contrast ansi language english"
    " words within"  # of files with questions
    " view fact vanished verdict wrong changed yes no"  # the language of filters is the same in every language
)
ALLOWED = frozenset((KEYS + " " + NAMES).split())

_WORD = re.compile(r"[A-Za-z_]*[a-z]{2}[a-z_]*")


def left_out(look: Look, *, beside: str = "") -> set[str]:
    """Return the words on the screen that nobody translated; those of `beside` are names too."""
    known = ALLOWED | {word.lower() for word in _WORD.findall(beside)}
    lines = rows(look)
    for table in look.app.screen.query(PreviewTable):  # what a file will hold is in no language
        lines[table.region.y : table.region.bottom] = []
    return {word for word in _WORD.findall("\n".join(lines)) if word.lower() not in known}


class Shouting(Service):
    """A service that says in capitals that there is no task."""

    async def get_status(self, task_id: str) -> Task:
        raise NotFound("NO TASK")


def shouted(service: Service) -> Service:
    """Return the same service with everything that its users said in capitals."""
    loud = Shouting()
    for (user, conversation), messages in service.messages.items():
        loud.messages[user.upper(), conversation.upper()] = [
            replace(
                message,
                content=message.content.upper(),
                parts=None,
                tool_calls=None,
                raw={"CONTENT": message.content.upper()},
            )
            for message in messages
        ]
    for (kind, owner), memories in service.memories.items():
        loud.memories[kind, owner.upper()] = {
            key.upper(): replace(
                memory,
                memory_id=key.upper(),
                title=memory.title and memory.title.upper(),
                content=memory.content.upper(),
                tags=tuple(tag.upper() for tag in memory.tags),
                conversation_id=memory.conversation_id and memory.conversation_id.upper(),
                type=memory.type and memory.type.upper(),
                sources=tuple(
                    replace(source, kind="CHAT", excerpt=(source.excerpt or "").upper())
                    for source in memory.sources
                ),
                raw={"ID": key.upper()},
            )
            for key, memory in memories.items()
        }
    return loud


@dataclass
class Loud:
    """A project and its service."""

    workspace: Workspace
    service: Service


@pytest.fixture
async def loud(isolated: object, home: Home) -> AsyncIterator[Loud]:
    """The story's project, synced twice, in capitals."""
    quiet = Service()
    tell_story(quiet)
    service = shouted(quiet)
    project = Projects(home).add("ACME", base_url="http://127.0.0.1:9/api/openmem/v1")
    workspace = Workspace(project, home)
    workspace.use_remote(service)
    names = ("LI.WEI@ACME.CN", "MEMOS_USER_123")
    users = [SubjectRef("user", name) for name in names]
    await roster.add_subjects(workspace, [*users, SubjectRef("agent", "OPS-AGENT")])
    await sync(workspace, SyncScope())
    change_story(quiet)
    later = shouted(quiet)
    service.memories, service.messages = later.memories, later.messages
    await sync(workspace, SyncScope(full=True))
    await roster.add_subjects(workspace, [SubjectRef("user", "U-88120")])
    await roster.add_conversations(workspace, users[0], ["UNREAD"])
    yield Loud(workspace, service)
    workspace.abandon()


Step = tuple[str, tuple[str, ...]]
"""What is done, and the keys."""

AROUND: list[Step] = [
    ("users", ()),
    ("a filter", ("slash", "L", "I")),
    ("conversations", ("enter", "enter")),
    ("messages with a gap", ("G", "k", "k", "enter")),
    ("older messages", ("g",)),
    ("finding", ("ctrl+f", "N", "O", "T", "E", "enter")),
    ("a message's detail", ("escape", "tab", "tab")),
    ("raw", ("R",)),
    ("all memories", ("escape", "escape", "escape", "escape", "g", "enter")),
    ("one that is gone", ("end", "enter", "G")),
    ("views", ("v",)),
    ("of one view", ("down", "enter")),
    ("statuses", ("u",)),
    ("gone ones", ("down", "down", "down", "down", "down", "enter")),
    ("tags", ("t",)),
    ("since", ("escape", "d")),
    ("since a day", ("end", "enter")),
    ("no day", ("x", "enter")),
    ("no such memory", ("escape", "slash", "Q", "Q", "Q")),
    ("copied", ("escape", "escape", "escape", "y")),
    ("write", ("g", "w")),
    ("key of the project", ("escape", "ctrl+k")),
    ("help", ("escape", "question_mark")),
    ("more help", ("end",)),
    ("nobody of that name", ("escape", "escape", "escape", "shift+tab", "slash", "Z", "Z")),
    ("add users", ("enter", "a")),
    ("somebody never read", ("escape", "slash", "8", "8", "enter", "tab", "tab")),
]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=str)
async def test_the_main_screen(loud: Loud, size: tuple[int, int]) -> None:
    async with opened(loud.workspace, size) as look:
        for what, keys in AROUND:
            await press(look, *keys)
            assert left_out(look, beside=str(loud.workspace.home.exports_dir)) == set(), (
                f"{what}\n{seen(look)}"
            )


ROUTES = "/get/memory/{id} /get/message"
"""Of the service, whose requests are counted by them."""

ELSEWHERE: list[Step] = [
    ("jump", ("ctrl+g",)),
    ("jump to many", ("M",)),
    ("jump to nothing", ("M", "M", "M")),
    ("jump asks", ("enter",)),
    ("search", ("escape", "f")),
    ("search finds", (*"NOTE",)),
    ("search the other way", ("ctrl+r", "ctrl+o")),
    ("search finds nothing", (*"QQQ",)),
    ("recall", ("tab",)),
    ("recall lab", ("escape", "ctrl+r")),
    ("recall lab asks", (*"NOTE", "enter")),
    ("marked", ("plus",)),
    ("saved", ("w",)),
    ("no threshold", ("escape", "t", "X", "enter")),
    ("views", ("escape", "v")),
    ("at most", ("escape", "n")),
    ("recent questions", ("escape", "c")),
    ("changes", ("escape", "escape", "c")),
    ("changes of a day", ("right",)),
    ("kinds of changes", ("v",)),
    ("changes since", ("escape", "d")),
    ("no time", ("X", "enter")),
    ("hygiene", ("escape", "escape", "Z")),
    ("findings to go through", ("end", "Q")),
    ("a finding", ("enter",)),
    ("evidence", ("escape", "escape", "p")),
    ("sources that are not here", ("right",)),
    ("why they are not", ("v",)),
    ("one of these reasons", ("down", "enter")),
    ("messages that nothing came of", ("right",)),
    ("links", ("right", "u")),
    ("completeness", ("escape", "escape", "i")),
    ("completeness of everyone", ("u",)),
    ("time line", ("escape", "H")),
    ("as of", ("escape", "at")),
    ("as of a time", ("end", "enter")),
    ("as of no time", ("X", "enter")),
    ("as of a day ago", ("ctrl+u", "backspace", "1", "d", "enter")),
    ("as of another time", ("at",)),
    ("as of now", ("home", "enter")),
    ("versions", ("V",)),
    ("export", ("escape", "enter", "e")),
    ("export as", ("tab", "right")),
    ("export without a guard", ("tab", "right")),
    ("projects", ("escape", "escape", "P")),
    ("rename", ("n",)),
    ("new key", ("escape", "k")),
    ("no key", ("X", " ", "X", "enter")),
    ("remove", ("escape", "d")),
    ("not its name", ("X", "enter")),
    ("connect", ("escape", "a")),
    ("no name", ("tab", "tab", "tab", "enter")),
    ("palette", ("escape", "escape", "ctrl+p")),
    ("review", ("escape", "escape", "Q")),
    ("whose", ("enter",)),
    ("a queue", ("enter",)),
    ("judged", ("2", "0")),
]


async def test_the_other_screens(loud: Loud) -> None:
    await nothing_left_out(loud, ELSEWHERE)


FILE = "QUESTIONS.TOML"
"""A file with questions, in the folder of the store."""

QUESTIONS = """\
[[question]]
user = "LI.WEI@ACME.CN"
ask = "NOTE"
must_contain = [{ words = "REPORT", within = 3 }]
must_not_contain = [{ memory = "M-TEA", view = "preference" }]
"""

JUDGED_AND_ASKED: list[Step] = [
    ("saved questions", ("enter", "ctrl+r", "tab", "apostrophe")),
    ("no file", ("ctrl+u", "X", "enter")),
    ("questions of a file", ("ctrl+u", FILE, "enter")),
    ("checked", ("a",)),
    ("what is expected", ("e",)),
    ("one thing of it", ("enter",)),
    ("opened", ("escape", "enter")),
    ("saved into", ("w",)),
    ("a queue", ("escape", "escape", "Q", "enter", "enter")),
    ("verdicts", ("2", "8")),
    ("verdicts by week", ("right",)),
    ("who agrees", ("right",)),
    ("filter of verdicts", ("slash",)),
    ("export of verdicts", ("escape", "e")),
    ("no name of a file", ("ctrl+u", "X", "enter")),
    ("whom to watch", ("escape", "escape", "escape", "ctrl+w")),
    ("a task", ("end", "enter")),
    ("no such task", ("X", "enter")),
    ("what was found", ("ctrl+w", "end", "enter")),
]


async def test_saved_questions_and_verdicts(loud: Loud) -> None:
    (loud.workspace.project.store_dir / FILE).write_text(QUESTIONS)
    await nothing_left_out(loud, JUDGED_AND_ASKED)


async def nothing_left_out(loud: Loud, steps: list[Step]) -> None:
    """Do the steps on a wide screen, where a path is broken in dialogs alone, and look at each."""
    async with opened(loud.workspace, (200, 50)) as look:
        commands = " ".join(command.id for command in main(look).table)
        file = str(loud.workspace.project.store_dir / FILE)
        for what, keys in steps:
            typed = [part for key in keys for part in (file if key == FILE else [key])]
            await press(look, *typed)
            exports = str(loud.workspace.home.exports_dir)
            broken = " ".join(f"{exports[:at]} {exports[at:]}" for at in range(len(exports)))
            path = f"{loud.workspace.project.store_dir} {broken}"
            copied = look.app.clipboard if "memos-admin --project" in seen(look) else ""
            assert left_out(look, beside=f"{commands} {path} UUID {ROUTES} {copied}") == set(), (
                f"{what}\n{seen(look)}"
            )


async def test_the_first_run(home: Home) -> None:
    async with MemosAdmin(home, None).run_test(size=(80, 24)) as look:
        await rest(look)
        assert left_out(look) == set(), seen(look)
        await press(look, "enter", "tab")
        assert left_out(look) == set(), seen(look)
        assert any("memos-admin" in row for row in rows(look))


@pytest.mark.parametrize("status", [302, 401, 503])
async def test_what_the_service_refuses(loud: Loud, status: int) -> None:
    """The line, the page, and what stands with the user afterwards."""
    reply = Reply(
        status=status, content_type="text/html", body=b"", location=None, retry_after=None
    )

    def trouble(route: str, name: str) -> None:
        error = judge(reply, "/get/memory", str).error
        assert error is not None
        raise error

    loud.service.trouble = trouble
    async with opened(loud.workspace, (200, 50)) as look:
        await press(look, "enter", "r")
        assert left_out(look) == set(), seen(look)
        await press(look, "exclamation_mark")
        assert left_out(look) == set(), seen(look)
