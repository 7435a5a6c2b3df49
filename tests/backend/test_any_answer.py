"""A service that answers with any JSON: what it says is kept, shown and exported, or refused."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memos_admin.backend.export.exporting import FORMATS, export
from memos_admin.backend.export.scope import SubjectScope
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.remote import PAGE_SIZE, WINDOW
from memos_admin.backend.search import search
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import local
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory, MemoryPage, MessageWindow
from memos_admin.cloud.errors import NotFound, Unusable
from memos_admin.cloud.wire import BadShape, detail, memory_page, message_window
from tests.backend.service import Service
from tests.cloud.junk import DATA, ITEMS, JUNK, LISTS
from tests.effort import examples

T = TypeVar("T")
ANN = SubjectRef("user", "ann")

TEXTS = st.sampled_from(["c1", "家", "\ud83d", "=1", "x" * 3000, "\0", "a\r\nb"]) | st.text(
    max_size=5
)
MEMORIES = st.builds(
    lambda item, own: item | own,
    ITEMS,
    st.fixed_dictionaries({"id": st.text("abc", min_size=1, max_size=2)}, optional={"tags": JUNK}),
)
MESSAGES = st.builds(
    lambda item, own: item | own,
    ITEMS,
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]) | TEXTS, "content": TEXTS | JUNK},
        optional={"create_time": JUNK | st.just("2025-06-10 09:30:00")},
    ).map(lambda found: {"create_time": None} | found),
)
LISTED = st.dictionaries(st.sampled_from(sorted(LISTS)), st.lists(MEMORIES, max_size=4)) | DATA
SAID = st.fixed_dictionaries({"message_detail_list": st.lists(MESSAGES, max_size=4)}) | DATA


class Answering(Service):
    """Answers each call with the next of these data, read as the client reads them."""

    def __init__(self, listed: list[Any], said: list[Any]) -> None:
        super().__init__()
        self.listed, self.said = itertools.cycle(listed), itertools.cycle(said)

    async def get_messages(self, user_id: str, conversation_id: str) -> MessageWindow:
        return understood(partial(message_window, next(self.said), WINDOW, surrogates=True))

    async def get_memories(self, *_: object, page: int = 1, **__: object) -> MemoryPage:
        return understood(partial(memory_page, next(self.listed), page, PAGE_SIZE, surrogates=True))

    async def get_memory(self, memory_id: str) -> Memory:
        found = understood(partial(detail, next(self.listed), memory_id, surrogates=True))
        if found is None:
            raise NotFound("MemOS has no such memory.")
        return found


def understood(read: Callable[[], T]) -> T:
    try:
        return read()
    except BadShape as error:
        raise Unusable(str(error)) from None


def check(workspace: Workspace, folder: Path) -> None:
    """Check that what is kept is sound, and that all of it can be shown, found and exported."""
    assert maintenance.check(workspace) == []
    reads = workspace.reads
    memories = reads.memories(reads.memory_pks(Filter(subject=ANN)))
    known = reads.subject(ANN)
    assert known is not None
    messages = [
        message
        for pk in reads.conversation_pks(known.pk)
        for message in reads.messages(reads.message_pks(pk))
    ]
    times = [(m.created_at, m.updated_at) for m in memories]
    times += [(m.created_at, m.updated_at) for m in messages]
    assert all(local(at).year for at in itertools.chain(*times) if at is not None)
    assert all(search(reads, text) is not None for text in ("a", "家", '"x'))
    for name in FORMATS:
        export(workspace, SubjectScope(ANN), output=folder / f"ann.{name}", format=name)
    lines = [json.loads(line) for line in (folder / "ann.jsonl").read_text().splitlines()]
    kept = Counter(line["type"] for line in lines)
    assert (kept["memory"], kept["message"]) == (len(memories), len(messages))
    rows = csv.reader(io.StringIO((folder / "ann.csv").read_bytes().decode(), newline=""))
    assert len(list(rows)) == 1 + len(messages)


@settings(
    max_examples=examples(12),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(LISTED, min_size=1, max_size=2), st.lists(SAID, min_size=1, max_size=2))
def test_any_answer_is_kept_and_shown_or_refused(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Any], said: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    home = Home(folder / "home")
    project = Projects(home).add("test", base_url="http://127.0.0.1:9/api/openmem/v1")

    async def scenario() -> None:
        workspace = Workspace(project, home)
        workspace.use_remote(Answering(listed, said))
        try:
            for _ in range(2):
                await sync(workspace, SyncScope((ANN,), full=True))
            check(workspace, folder)
        finally:
            await workspace.close()

    asyncio.run(scenario())
