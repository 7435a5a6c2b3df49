"""A small project in which everything happens that a screen must show."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from memos_admin.backend import journal, roster
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Message, Source
from tests.backend.service import Service, a_memory, a_message

LI = SubjectRef("user", "li.wei@acme.cn")
TRIP = SubjectRef("user", "memos_user_123")
AGENT = SubjectRef("agent", "ops-agent")
NEVER = SubjectRef("user", "u-88120")

KID = "I'm bringing my kid. My family always travels together."
LONG = "\n".join(f"line {number} of a long answer" for number in range(1, 61))
QUOTE = "quarterly report on Thursdays"


def tell_story(service: Service) -> None:
    """Put everything into the service that the first sync is to find."""
    say, put = service.say, service.put
    say(
        TRIP.external_id,
        "0610",
        a_message("I want to travel during summer vacation, can you recommend something?"),
        a_message("Sure! Are you traveling alone, with family or with friends?", "assistant"),
        a_message(KID),
        a_message("Understood, I'll recommend destinations for family trips.", "assistant"),
    )
    put(
        TRIP.external_id,
        a_memory(
            "0a89db3a-2061-4c97-a1b8-45700f8745bc",
            "[user perspective] The user plans a family trip during the summer vacation.",
            title="Summer Family Trip Plan",
            tags=("summer vacation", "family trip", "plan"),
            conversation_id="0610",
            confidence=0.0,
            type="WorkingMemory",
            sources=(Source("chat", excerpt=KID, role="user"),),
            update_time="1758095885922",
        ),
        a_memory(
            "c8b41a89-83b3-4512-b4f7-1dfca3570107",
            "[assistant perspective] The assistant offered to recommend family destinations.",
            title="Family Trip Requirements",
            tags=("family trip",),
            conversation_id="0610",
            update_time="1758095885923",
        ),
    )
    say(LI.external_id, "weekly", *(a_message(f"note {n}", at=_minute(n)) for n in range(50)))
    say(
        LI.external_id,
        "long",
        a_message("How do I do this?", at="2025-09-10 10:00:00"),
        a_message(LONG, "assistant", at="2025-09-10 10:00:05"),
        a_message("Thanks", at="2025-09-11 08:00:00"),
    )
    say(LI.external_id, "tools", *_tools())
    put(
        LI.external_id,
        a_memory("m-report", f"Wants the {QUOTE}", conversation_id="weekly", title="Report day"),
        a_memory("m-old", "Works from Shanghai", conversation_id="weekly", title="Old office"),
        a_memory(
            "m-tea", "drinks tea", view="preference", title=None, conversation_id="long", tags=()
        ),
        a_memory("m-tool", "uses the weather tool", view="tool_memory", conversation_id="tools"),
        a_memory("m-free", "belongs nowhere", conversation_id=None, title="Free"),
    )
    put(AGENT.external_id, a_memory("m-agent", "restarts at night"), kind="agent")


def change_story(service: Service) -> None:
    """Put into the service what the second sync is to find changed."""
    listed = service.memories["user", LI.external_id]
    del listed["m-old"]
    listed["m-report"] = a_memory(
        "m-report",
        f"Wants the {QUOTE}, now on Fridays",
        conversation_id="weekly",
        title="Report day",
        update_time="1762500000000",
    )
    messages = service.messages[LI.external_id, "weekly"]
    messages += [a_message(f"later {n}", at=f"2025-10-01 12:{n:02d}:00") for n in range(50)]


def _minute(number: int) -> str:
    return f"2025-09-01 10:{number:02d}:00"


def _tools() -> tuple[Message, ...]:
    call = {"id": "call_1", "type": "function"} | {
        "function": {"name": "get_weather", "arguments": '{"city": "Shanghai"}'}
    }
    asked = a_message("What is the weather? See the picture.", at="2025-09-12 10:00:00")
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/sky.png"}}
    asked = replace(
        asked,
        content="What is the weather? See the picture.\n[image: https://example.com/sky.png]",
        parts=({"type": "text", "text": "What is the weather? See the picture."}, picture),
    )
    calling = replace(
        a_message("", "assistant", at="2025-09-12 10:00:01"),
        tool_calls=(call,),
        raw={"tool_calls": [call]},
    )
    result = replace(
        a_message('{"sky": "clear"}', "tool", at="2025-09-12 10:00:02"), tool_call_id="call_1"
    )
    return asked, calling, result, a_message("Clear.", "assistant", at="2025-09-12 10:00:03")


async def fill(workspace: Workspace, service: Service) -> None:
    """Sync the story, change it, sync it again."""
    await roster.add_subjects(workspace, [LI, TRIP, AGENT])
    await sync(workspace, SyncScope())
    change_story(service)
    await sync(workspace, SyncScope(full=True))
    await roster.add_subjects(workspace, [NEVER])
    await roster.add_conversations(workspace, LI, ["unread"])


Tell = Callable[[Service], None]

FRESH = 15_000
"""Milliseconds for which a story counts as synced just now, with time left for a slow test."""


@dataclass(frozen=True)
class Told:
    """A story that was told and synced.

    Attributes:
        home: where its project is, closed.
        service: as the last sync found it.
        at: when that began.
    """

    home: Path
    service: Service
    at: int


class Stories:
    """Copies of projects in which a story was told: to copy one takes a tenth of a sync.

    Each is told anew when it is not fresh any more by the clock of the test.

    Args:
        folder: where those that are copied are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[Tell, Told] = {}

    async def copied(self, home: Home, service: Service, tell: Tell = tell_story) -> Workspace:
        """Return a project of this home in which the story was told, with its service.

        Args:
            home: there is nothing in it.
            service: nothing was told to it.
            tell: puts what the first sync is to find into a service.
        """
        told = self._told.get(tell)
        if told is None or not 0 <= now_ms() - told.at < FRESH:
            told = self._told[tell] = await self._tell(tell)
        shutil.copytree(told.home, home.path)
        service.memories |= {whose: dict(listed) for whose, listed in told.service.memories.items()}
        service.messages |= {where: list(said) for where, said in told.service.messages.items()}
        service.requests.update(told.service.requests)
        (project,) = Projects(home).list()
        workspace = Workspace(project, home)
        workspace.use_remote(service)
        return workspace

    async def _tell(self, tell: Tell) -> Told:
        told = Told(self._folder / tell.__name__, Service(), now_ms())
        shutil.rmtree(told.home, ignore_errors=True)
        home = Home(told.home)
        project = Projects(home).add("acme-prod", base_url="http://127.0.0.1:9/api/openmem/v1")
        workspace = Workspace(project, home)
        workspace.use_remote(told.service)
        tell(told.service)
        await fill(workspace, told.service)
        await workspace.close()
        journal.close_all()
        return told
