"""The reads: pages of memories, one memory in both documented shapes, and recall by search."""

from __future__ import annotations

import json
import re
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from memos_admin.emulator import codes
from memos_admin.emulator.codes import ApiError
from memos_admin.emulator.filters import EVERYTHING, Filter, compile_filter
from memos_admin.emulator.records import VIEWS, Record, Subject, Wire, leaves, wire_time
from memos_admin.emulator.state import Merged, State

DEFAULT_RELATIVITY: Final = 0.45
SEARCHED: Final = 2_000
"""How many memories of a view, last updated first, a search looks at."""

LIMITS: Final[Mapping[str, str]] = {
    "detail_factual": "memory_limit_number",
    "preference": "preference_limit_number",
    "tool_memory": "tool_memory_limit_number",
    "skill": "skill_limit_number",
    "event": "memory_limit_number",
    "profile": "memory_limit_number",
}
"""The field that limits each view of a search."""

WORD = re.compile(r"[a-z0-9]+|[\u3040-\u30ff\u3400-\u9fff]")
COMMON = frozenset(
    WORD.findall(
        "a an and any are as at be can do for from go have he her his i in is it me my of on or she"
        " so some that the their they this to was we what when where which who will with would you"
        " your 的 了 是 我 你 在 有 吗 和"
    )
)


class Pages:
    """Pages through a subject's memories, each view on its own.

    Filtered lists are remembered until the next write, so that reading all pages of a filtered list
    evaluates its filter once.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._kept: OrderedDict[tuple[Subject, str, str], array[int]] = OrderedDict()
        self._revision = -1

    def page(
        self,
        subject: Subject,
        views: Sequence[str],
        raw_filter: object,
        *,
        page: int,
        size: int,
        overlap: int = 0,
    ) -> Wire:
        """Return ``data`` of get/memory.

        Args:
            subject: whose memories.
            views: names of the views wanted.
            raw_filter: the request's ``filter``.
            page: from 1.
            size: items of each view a page.
            overlap: how many of the previous page's last items stand on a page again (a fault).
        """
        wanted = compile_filter(raw_filter)
        step = max(1, size - overlap)
        data: Wire = {}
        total = pages = 0
        for view in views:
            listing = self._state.listing(subject, view)
            positions: Sequence[int] = range(len(listing))
            if wanted is not EVERYTHING:
                positions = self._matching(subject, view, listing, wanted, raw_filter)
            first = (page - 1) * step
            shown = positions[first : first + size]
            data[VIEWS[view].list] = [listing[position].item for position in shown]
            count = len(positions)
            total = max(total, count)
            pages = max(pages, 0 if not count else max(1, -(-(count - overlap) // step)))
        data.setdefault("memory_detail_list", [])
        return {**data, "total": total, "size": size, "current": page, "pages": pages}

    def _matching(
        self, subject: Subject, view: str, listing: Merged, wanted: Filter, raw_filter: object
    ) -> array[int]:
        if self._revision != self._state.revision:
            self._kept.clear()
            self._revision = self._state.revision
        key = (subject, view, json.dumps(raw_filter, sort_keys=True))
        if key not in self._kept:
            near = listing.between(wanted.low, wanted.high)
            self._kept[key] = array("q", (n for n in near if wanted.matches(listing[n])))
            if len(self._kept) > 64:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def detail(record: Record | None) -> Wire:
    """Return ``data`` of ``GET /get/memory/{id}``, both documented shapes in one. Raises ApiError."""
    if record is None:
        raise ApiError(codes.NOT_FOUND, "no memory has this id")
    owner = {subject.kind: subject.id for subject in reversed(record.subjects)}
    item = record.item
    common = {
        "status": record.status,
        "tags": item.get("tags") or [],
        "user_id": owner.get("user"),
        "agent_id": owner.get("agent"),
        "conversation_id": record.conversation_id,
        "created_at": wire_time(record.created, "zoned"),
        "updated_at": wire_time(record.updated, "zoned"),
    }
    sources = item.get("sources") or []
    return {
        "id": record.id,
        "memory_view": record.view,
        "title": record.title,
        "content": record.content,
        "message_ids": list(record.message_ids),
        "algorithm_updatable": True,
        **common,
        "info": item.get("info") or {},
        "memory": record.content,
        "metadata": {
            **common,
            "type": record.view,
            "memory_type": item.get("memory_type"),
            "key": record.title,
            "confidence": item.get("confidence"),
            "sources": [json.loads(s) if isinstance(s, str) else s for s in sources],
        },
    }


def words(text: str) -> set[str]:
    """Return the words and CJK characters of a text that say something, lower case."""
    return set(WORD.findall(text.lower())) - COMMON


def relativity(query: set[str], record: Record, conversation_id: str | None) -> float:
    """Return how near a memory is to a query, 0 to 1: the share of the query's words it has."""
    if record.recall is not None:
        return record.recall
    if not query:
        return 0.0
    tags = " ".join(map(str, record.item.get("tags") or ()))
    found = words(f"{record.title or ''} {record.content} {tags}")
    score = 0.95 * len(query & found) / len(query)
    if score and conversation_id is not None and record.conversation_id == conversation_id:
        score += 0.05
    return round(score, 6)


def recall(
    state: State,
    subject: Subject,
    query: str,
    views: Sequence[str],
    limits: Mapping[str, int],
    *,
    raw_filter: object = None,
    conversation_id: str | None = None,
    threshold: float | None = None,
) -> Wire:
    """Return ``data`` of search/memory: each view's nearest memories, best first.

    Lists without a hit are left out, but for that of the facts: the quick start's answer has no
    others. Memories with a fixed relativity pass where no threshold was asked for.
    """
    wanted = compile_filter(raw_filter, search=True)
    asked = words(query)
    least = DEFAULT_RELATIVITY if threshold is None else threshold
    data: Wire = {"memory_detail_list": []}
    for view in views:
        scored = []
        for record in _newest(state.listing(subject, view)):
            score = relativity(asked, record, conversation_id)
            passes = score >= least or (threshold is None and record.recall is not None)
            if passes and wanted.matches(record):
                scored.append((score, record))
        scored.sort(key=lambda pair: -pair[0])
        best = scored[: limits[view]]
        items = [item for score, record in best for item in _recalled(record, score)]
        if items or view == "detail_factual":
            data[VIEWS[view].list] = items
    if "preference_detail_list" in data:
        data["preference_note"] = "Preferences are stated or inferred; the latest one counts."
    data["message_detail_list"] = None
    return data


def _newest(listing: Merged) -> Iterator[Record]:
    return (listing[n] for n in range(min(len(listing), SEARCHED)))


def _recalled(record: Record, score: float) -> list[Wire]:
    """Return a memory as search shows it; of a profile one item a leaf."""
    item = record.item
    if record.view != "profile":
        return [{**item, "relativity": str(score) if record.view == "skill" else score}]
    return [
        {
            "id": record.id,
            "profile_path": path,
            "memory": leaf,
            "template_id": item["profile_template_id"],
            "profile_category": path.split(".")[0],
            "profile_field": path.split(".")[-1],
            "algorithm_updatable": True,
            "relativity": score,
        }
        for path, leaf in leaves(item["properties"])
    ]
