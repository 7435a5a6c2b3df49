"""A small project on a socket that can be put into a known state: before, and after it has changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.emulator.generate import generated_data, user_id
from memos_admin.emulator.records import Record, Subject
from memos_admin.emulator.state import State
from memos_admin.emulator.thread import EmulatorThread

KEY = "mpg-faults-0123456789"
USERS, CONVERSATIONS, MESSAGES, MEMORIES = 3, 2, 12, 170
"""Of 170 memories 103 are facts: three pages."""

REFS = tuple(SubjectRef("user", user_id(number)) for number in range(USERS))
ANN = REFS[0]
AIM = generated_data(USERS, CONVERSATIONS, MESSAGES, MEMORIES).memory_id(0, "detail_factual", 1)
NEW_TEXT = "sits at the window"


def served() -> EmulatorThread:
    """Return the service as it is at first; to be started."""
    return EmulatorThread(generated_data(USERS, CONVERSATIONS, MESSAGES, MEMORIES), api_key=KEY)


def change(state: State, number: int = 0) -> None:
    """Change two of Ann's memories, take two away, and say something more to her."""
    facts = _with_conversation(state)
    updated, deleted, archived, told = (facts[len(facts) * n // 4] for n in range(4))
    state.update(updated.id, content=f"prefers the aisle seat now, for the {number}th time")
    if len(facts) > 60:  # some have to be left, however often there is a change
        state.delete([deleted.id])
        state.update(archived.id, status="archived")
    state.update(told.id, content=f"asked for receipt {number}")
    conversation = str(told.item["conversation_id"])
    latest = state.transcript(ANN.external_id, conversation, 1)[0]
    words = (f"Could I have receipt {number}?", f"Receipt {number} is on its way.")
    said = [{**latest, "role": role, "content": text}
            for role, text in zip(("user", "assistant"), words, strict=True)]  # fmt: skip
    state.say([Subject("user", ANN.external_id)], conversation, said)


def _with_conversation(state: State) -> list[Record]:
    """Return Ann's facts that belong to a conversation."""
    listing = state.listing(Subject("user", ANN.external_id), "detail_factual")
    records = [listing[position] for position in range(len(listing))]
    return [record for record in records if record.item.get("conversation_id")]


@contextmanager
def copied(template: Path, home: Path, running: EmulatorThread) -> Iterator[Home]:
    """A copy of a home whose project is the one that this service serves; gone afterwards."""
    shutil.copytree(template, home)
    config = home / "config.toml"
    lines = config.read_text().splitlines()
    lines = [f'base_url = "{running.base_url}"' if line.startswith("base_url") else line
             for line in lines]  # fmt: skip
    config.write_text("\n".join(lines) + "\n")
    try:
        yield Home(home)
    finally:
        shutil.rmtree(home)


def said(state: State) -> list[tuple[str, str, str, str]]:
    """Return all that was ever said: whose, where, by whom, what, in order."""
    return [
        (ref.external_id, f"c-{number:04}", message["role"], message["content"])
        for ref in REFS
        for number in range(1, CONVERSATIONS + 1)
        for message in state.transcript(ref.external_id, f"c-{number:04}", 1_000_000)
    ]


def aim(state: State) -> Record | None:
    """Return the memory of Ann's that is edited and deleted, as the service has it."""
    return state.find(AIM)


def store_of(home: Home) -> Path:
    """Return the file of the home's only store."""
    (project,) = Projects(home).list()
    return project.store_dir / "store.db"
