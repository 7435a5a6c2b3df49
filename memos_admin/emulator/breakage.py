"""Breaks answers on purpose: what each fault makes of the answer to a request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memos_admin.emulator import codes
from memos_admin.emulator.codes import MESSAGES, ApiError
from memos_admin.emulator.faults import Fault
from memos_admin.emulator.routes import Reply, refusal

JSON_TYPE = "application/json; charset=utf-8"
HTML = """<!DOCTYPE html>
<html><head><title>{status}</title></head>
<body><center><h1>{status}</h1></center><hr><center>gateway</center></body></html>
"""
KEPT = frozenset(
    {
        "id",
        "memory_key",
        "memory_value",
        "preference",
        "tool_value",
        "skill_value",
        "event_value",
        "properties",
        "role",
        "content",
    }
)
"""What the fault missing-fields leaves of an item."""


@dataclass
class Answer:
    """An answer on its way out.

    Attributes:
        cut: how many bytes of the body are really sent; None: all of them.
        lost: ``timeout`` (nothing is sent) or ``reset``; empty: it is sent.
        wait: how long a time-out keeps the connection open, in seconds.
        drip: bytes a piece and seconds between two of them; None: all at once.
    """

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    retry_after: str = ""
    cut: int | None = None
    lost: str = ""
    wait: float = 0
    drip: tuple[int, float] | None = None


def rendered(reply: Reply) -> Answer:
    """Return an answer as bytes; lone surrogates, which UTF-8 cannot carry, stay JSON escapes."""
    try:
        body = json.dumps(reply.value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        body = json.dumps(reply.value, separators=(",", ":")).encode()
    return Answer(reply.status, body)


def refused(fault: Fault) -> Answer:
    """Return the answer of a fault that refuses a request."""
    status = int(fault.number("status") or 200)
    if fault.name == "rate-limit":
        answer = rendered(refusal(ApiError(codes.RATE_LIMIT, status=429)))
        answer.retry_after = fault.options["retry-after"]
        return answer
    if fault.name == "code":
        code = int(fault.number("code"))
        value = {"code": code, "data": None, "message": MESSAGES.get(code, "Error")}
        return rendered(Reply(status, value))
    if fault.name == "expired-key":
        return rendered(refusal(ApiError(codes.KEY_EXPIRED, status=401)))
    if fault.name == "html":
        return Answer(status, HTML.format(status=status).encode(), "text/html")
    return Answer(status, f"HTTP {status}\n".encode(), "text/plain")


def spoiled(reply: Reply, faults: Sequence[Fault]) -> Answer:
    """Return the answer to a request with the faults that struck it."""
    names = {fault.name for fault in faults}
    if names & {"missing-fields", "unknown-fields"} and reply.status == 200:
        value = json.loads(json.dumps(reply.value))
        if "missing-fields" in names:
            _thin_out(value)
        if "unknown-fields" in names:
            _add_unknown(value)
        reply = Reply(reply.status, value)
    answer = rendered(reply)
    for fault in faults:
        _break(answer, fault)
    return answer


def _break(answer: Answer, fault: Fault) -> None:
    if fault.name in {"timeout", "reset"}:
        answer.lost = fault.name
        answer.wait = fault.number("seconds")
    elif fault.name == "truncate":
        answer.cut = len(answer.body) // 2
    elif fault.name == "invalid-json":
        answer.body = answer.body[:-1] + b",,]"
    elif fault.name == "invalid-utf8":
        # inside the text of the envelope's message, which every answer has
        answer.body = answer.body.replace(b'"message":"', b'"message":"\xff\xfe\xc3', 1)
    elif fault.name == "content-type":
        answer.content_type = fault.options["type"]
    elif fault.name == "drip":
        answer.drip = (max(1, int(fault.number("bytes"))), fault.number("ms") / 1000)


def _thin_out(value: Any) -> None:
    """Take out every optional field of a success."""
    data = value.get("data")
    value.pop("message", None)
    if not isinstance(data, dict):
        return
    for name in ("total", "size", "current", "pages", "preference_note"):
        data.pop(name, None)
    for name, items in list(data.items()):
        if name.endswith("_list") and not items:
            data[name] = None
        elif name.endswith("_list"):
            data[name] = [{k: v for k, v in item.items() if k in KEPT} for item in items]


def _add_unknown(value: Any) -> None:
    """Add fields and a list that no documentation names."""
    value["trace_id"] = "f00dfeed"
    data = value.get("data")
    if not isinstance(data, dict):
        return
    for name, items in data.items():
        if name.endswith("_list"):
            for item in items or ():
                item["embedding_version"] = 7
                item["lineage"] = {"parents": [], "score": None}
    data["dream_detail_list"] = [{"id": "dream-1", "dream_value": "A view of tomorrow."}]
