"""The service's own Python client, used the way its documentation shows.

It sends one request after the other and writes nothing. It is a module of a large package whose
dependencies are not wanted here (``tests/official-client.txt``): a stub stands for the package.
"""

from __future__ import annotations

import enum
import importlib
import importlib.util
import logging
import os
import sys
import time
import types
import warnings
from typing import Any

from benchmarks.service import Service

_REPLACED = (
    "memos",
    "memos.log",
    "memos.types",
    "memos.api",
    "memos.api.client",
    "memos.api.product_models",
)


class _SearchMode(enum.Enum):
    FAST = "fast"


def read_everything(service: Service, rate: float) -> float:
    """Read what a first sync reads, at most `rate` requests a second; return the seconds.

    Raises:
        ModuleNotFoundError: the client is not installed.
    """
    os.environ["NO_PROXY"] = "*"
    client = _client_class()(service.api_key, base_url=service.base_url)
    pace = _Pace(rate)
    start = time.perf_counter()
    for user in service.user_ids:
        page = pages = 1
        conversations: set[str] = set()
        while page <= pages:
            pace.wait()
            answer = client.get_memory(user_id=user, page=page, size=50)
            pages = answer.data.pages
            conversations |= {m.conversation_id for m in answer.memories if m.conversation_id}
            page += 1
        for conversation_id in sorted(conversations):
            pace.wait()
            client.get_message(user, conversation_id, message_limit_number=50)
        if len(conversations) != service.CONVERSATIONS or pages != service.PAGES:
            raise RuntimeError(f"{user} has {pages} pages and {len(conversations)} conversations")
    return time.perf_counter() - start


class _Pace:
    """Lets a request start when the last one is 1 / `rate` seconds ago."""

    def __init__(self, rate: float) -> None:
        self._step, self._next = 1 / rate, 0.0

    def wait(self) -> None:
        """Wait for one's turn."""
        now = time.perf_counter()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._step


def _client_class() -> Any:
    for name in ("memos", "requests"):
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(f"no module {name}", name=name)
    found = importlib.util.find_spec("memos")
    package = types.ModuleType("memos")
    package.__path__ = list((found and found.submodule_search_locations) or ())
    log: Any = types.ModuleType("memos.log")
    log.get_logger = logging.getLogger
    kinds: Any = types.ModuleType("memos.types")
    kinds.MessageList = kinds.MessagesType = kinds.PermissionDict = list[dict[str, Any]]
    kinds.SearchMode = _SearchMode
    for name in _REPLACED:
        sys.modules.pop(name, None)
    sys.modules.update({module.__name__: module for module in (package, log, kinds)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the client's own models
        return importlib.import_module("memos.api.client").MemOSClient
