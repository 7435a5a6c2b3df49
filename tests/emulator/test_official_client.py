"""The official Python client works against the emulator.

The client is a module of a large package; ``tests/official-client.txt`` says how to install it
without that package's dependencies. A stub stands for the package, so that its ``__init__`` and the
modules that need those dependencies (logging, types of the self-hosted server) are not executed.
"""

import enum
import importlib
import importlib.util
import logging
import os
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from memos_admin.emulator.thread import EmulatorThread

USER, CONVERSATION = "memos_user_123", "0610"


class SearchMode(enum.Enum):
    """Stands for the client's enumeration of the same name."""

    FAST = "fast"


def load_client(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class MemOSClient; skips where it is not installed, fails then in CI."""
    for name in ("memos", "requests"):
        if importlib.util.find_spec(name) is None:
            reason = f"{name} is missing: pip install --no-deps -r tests/official-client.txt"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
    found = importlib.util.find_spec("memos")
    assert found is not None
    package = types.ModuleType("memos")
    package.__path__ = list(found.submodule_search_locations or ())
    log = types.ModuleType("memos.log")
    log.get_logger = logging.getLogger  # type: ignore[attr-defined]
    kinds: Any = types.ModuleType("memos.types")
    kinds.MessageList = kinds.MessagesType = kinds.PermissionDict = list[dict[str, Any]]
    kinds.SearchMode = SearchMode
    for module in (package, log, kinds):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in ("memos.api", "memos.api.client", "memos.api.product_models"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the client's own models
        return importlib.import_module("memos.api.client").MemOSClient


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("NO_PROXY", "*")
    with EmulatorThread(task_ms=0) as emulator:
        yield load_client(monkeypatch)(emulator.api_key, base_url=emulator.base_url)


def test_get_message(client: Any) -> None:
    answer = client.get_message(USER, CONVERSATION, message_limit_number=50)
    assert answer.code == 0
    assert [message.role for message in answer.messages] == ["user", "assistant"] * 2


def test_get_memory(client: Any) -> None:
    answer = client.get_memory(user_id=USER, page=1, size=50)
    assert {memory.id for memory in answer.memories} == {
        "0a89db3a-2061-4c97-a1b8-45700f8745bc",
        "c8b41a89-83b3-4512-b4f7-1dfca3570107",
    }
    assert (answer.data.total, answer.data.pages) == (2, 1)
    assert client.get_memory(agent_id="ops-agent", include_memory_view=["skill"]).code == 0


def test_get_memory_by_id(client: Any) -> None:
    answer = client.get_memory_by_id("0a89db3a-2061-4c97-a1b8-45700f8745bc")
    assert answer["data"]["title"] == "Summer Family Trip Plan"


def test_search(client: Any) -> None:
    query = "Any suggestions for where to go during National Day?"
    answer = client.search_memory(query, user_id=USER, conversation_id="0928")
    assert [memory.relativity for memory in answer.memories] == [0.007873535, 0.0019950867]
    full = client.search_memory(
        "seat on the aisle 座位", user_id="li.wei@acme.cn", relativity=0.1, include_skill=True
    )
    assert full.preferences
    assert full.data.preference_note


def test_add_and_status(client: Any) -> None:
    messages = [{"role": "user", "content": "I prefer the aisle"}]
    added = client.add_message(messages, user_id=USER, conversation_id=CONVERSATION)
    assert (added.success, added.status) == (True, "running")
    task = client.get_task_status(added.task_id)
    assert task.data.status == "completed"
    assert task.data.memory_views["added"] == 2
    facts = client.get_memory(user_id=USER).memories
    assert facts[0].sources[0]["content"] == "I prefer the aisle"


def test_update(client: Any) -> None:
    memory_id = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
    assert client.update_memory(memory_id, content="Corrected")["data"] == {"success": True}
    assert client.get_memory_by_id(memory_id)["data"]["content"] == "Corrected"


def test_delete(client: Any) -> None:
    assert client.delete_memory(memory_ids=["0a89db3a-2061-4c97-a1b8-45700f8745bc"]).success
    assert len(client.get_memory(user_id=USER).memories) == 1
    assert client.delete_memory(user_id=USER).success
    assert client.get_memory(user_id=USER).memories == []


def test_feedback(client: Any) -> None:
    started = client.add_feedback(USER, CONVERSATION, "We travel without grandparents")
    assert started.success
    assert client.get_task_status(started.task_id).data.status == "completed"


def test_edit_profile(client: Any) -> None:
    answer = client.edit_profile("traveller", user_id=USER, metadata={"diet": "vegan"})
    assert answer["data"]["success"] is True
    assert client.get_memory(user_id=USER).data.profile_detail_list
