"""A memory as the emulator holds it, the form of each view on the wire, and what a data set offers.

A `Record` keeps the item exactly as lists show it (names, order of keys, form of times), because
the forms differ from view to view and clients must cope with all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

Wire = dict[str, Any]
"""A JSON object as it goes over the wire."""

SubjectKind = Literal["user", "agent"]
TimeForm = Literal["epoch", "zoned", "zoneless", "plain"]

LISTED: Final = frozenset({"activated", "resolving"})
"""Statuses that lists return; archived and deleted memories answer to their id only."""

STATUSES: Final = ("activated", "resolving", "archived", "deleted")


class Subject(NamedTuple):
    """A user or an agent."""

    kind: SubjectKind
    id: str


class View(NamedTuple):
    """How a view looks on the wire.

    Attributes:
        list: the name of its list in answers.
        title, content: the keys of an item's title and text; None where it has none of its own.
        created, updated: the keys of its times.
        times: the form of its times, different on purpose: the service is not uniform either.
    """

    name: str
    list: str
    title: str | None
    content: str | None
    created: str = "create_time"
    updated: str = "update_time"
    times: TimeForm = "epoch"


VIEWS: Final[Mapping[str, View]] = {
    view.name: view
    for view in (
        View("detail_factual", "memory_detail_list", "memory_key", "memory_value"),
        View("preference", "preference_detail_list", None, "preference"),
        View("tool_memory", "tool_memory_detail_list", None, "tool_value", times="zoneless"),
        View("skill", "skill_detail_list", "name", "description", times="zoned"),
        View("event", "event_detail_list", "event_key", "event_value", times="plain"),
        View("profile", "profile_detail_list", None, None, "created_at", "updated_at", "zoned"),
    )
}


@dataclass(slots=True)
class Record:
    """A memory.

    Attributes:
        subjects: who lists it; the first one owns it.
        item: the object as lists show it. Not changed in place once it is served.
        created, updated: epoch milliseconds; `created` None where the wire gives none.
        message_ids: internal ids of the messages that it came from.
        heading: a title given to a memory whose view has no field for one.
        recall: a fixed relativity for every search, instead of a computed one.
    """

    id: str
    view: str
    subjects: tuple[Subject, ...]
    item: Wire
    status: str
    created: int | None
    updated: int
    message_ids: tuple[str, ...] = ()
    conversation_id: str | None = None
    app_id: str | None = None
    heading: str | None = None
    recall: float | None = None

    @property
    def title(self) -> str | None:
        """The title in the view's own field, or the heading."""
        key = VIEWS[self.view].title
        if key is None:
            return self.heading
        holder = self.item["skill_value"] if self.view == "skill" else self.item
        title: str | None = holder.get(key)
        return title

    @property
    def content(self) -> str:
        """The text in the view's own field; of a profile one line a leaf."""
        if self.view == "profile":
            return "\n".join(f"{path}: {leaf}" for path, leaf in leaves(self.item["properties"]))
        holder = self.item["skill_value"] if self.view == "skill" else self.item
        return str(holder.get(VIEWS[self.view].content or "") or "")


class Listing(Protocol):
    """The listed memories of one subject and view, last updated first, each made when asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, position: int, /) -> Record: ...

    def position(self, memory_id: str) -> int | None:
        """Where a memory stands; None where it is not listed."""

    def between(self, low: int | None, high: int | None) -> range:
        """Positions that may hold an update time from `low` up to but not including `high`."""


class Data(Protocol):
    """What an emulator starts with. Never changed: writes are kept beside it."""

    users: Sequence[str]
    agents: Sequence[str]

    def transcript(self, owner: str, conversation_id: str) -> Sequence[Wire]:
        """The messages of a conversation, oldest first; empty where there is none."""

    def listing(self, subject: Subject, view: str) -> Listing:
        """The memories listed for a subject; empty where it is unknown."""

    def find(self, memory_id: str) -> Record | None:
        """A memory of any status."""


def leaves(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Return the path and value of each leaf of a profile's properties, in order."""
    found: list[tuple[str, str]] = []
    for name, node in tree.items():
        path = f"{above}.{name}" if above else name
        if not isinstance(node, Mapping):
            found.append((path, str(node)))
        elif "value" in node:
            found.append((path, str(node["value"])))
        else:
            found.extend(leaves(node, path))
    return found


def wire_time(milliseconds: int | None, form: TimeForm) -> int | str | None:
    """Return a time in one of the service's forms; all of them mean UTC here."""
    if milliseconds is None or form == "epoch":
        return milliseconds
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    if form == "zoned":
        return moment.isoformat(timespec="milliseconds")
    return moment.replace(tzinfo=None).isoformat("T" if form == "zoneless" else " ", "seconds")


def message_time(milliseconds: int) -> str:
    """Return a time in the form of messages, ``2025-06-10 09:30:00``."""
    return str(wire_time(milliseconds, "plain"))
