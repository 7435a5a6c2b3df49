"""The service's items as pydantic models, and their folding into `memos_admin.cloud.answers`.

Field names are the wire's (memos-cloud-api, "Items"). A field that has another type than documented
is read as absent, never fatal: ``raw`` keeps the item whole. An item that is no object, or a memory
without an id, is counted as skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from memos_admin.cloud import answers, readable
from memos_admin.cloud.answers import VIEWS, View
from memos_admin.cloud.carried import absent_of_memory, absent_of_messages
from memos_admin.cloud.sources import sources_of
from memos_admin.cloud.surrogates import clean_records, without_surrogates
from memos_admin.language import N_
from memos_admin.language import gettext as _

Number = Annotated[float, Field(allow_inf_nan=False)]

_LISTS: dict[View, str] = {
    "detail_factual": "memory_detail_list",
    "preference": "preference_detail_list",
    "tool_memory": "tool_memory_detail_list",
    "skill": "skill_detail_list",
    "event": "event_detail_list",
    "profile": "profile_detail_list",
}


class BadShape(ValueError):
    """The envelope holds something else than its route promises; the text is a few words.

    Attributes:
        advice: what to do; ``""``: what `memos_admin.cloud.envelope.address_advice` says.
    """

    means = N_("the answer has another shape than documented")
    advice = ""


class Incomplete(BadShape):
    """The items lack fields that they always have: what they are cannot be told without them."""

    means = N_("the answer is incomplete")
    advice = N_("Nothing of it was kept. Try again later.")


class _Wire(BaseModel):
    """Unknown fields are dropped here (``raw`` has them); numbers are texts where texts belong."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def _wire(*names: str) -> Any:
    """Return a field that is None unless the wire has it, under the first of its names present."""
    return Field(default=None, validation_alias=AliasChoices(*names))


class Message(_Wire):
    """An item of ``message_detail_list``."""

    role: str | None = None
    content: Any = None
    create_time: str | None = _wire("create_time", "created_at", "chat_time")
    update_time: str | None = _wire("update_time", "updated_at")
    role_id: str | None = None
    role_name: str | None = None
    tool_calls: Any = None
    tool_call_id: str | None = None


class Item(_Wire):
    """What the items of all views have in common, lists and detail answers alike.

    ``own_*`` are the fields that every view calls otherwise; `title`, `content` and `memory` are
    what detail answers and older servers call them. `named_by` are those that `name` reads.
    """

    named_by: ClassVar[tuple[str, ...]] = ("own_title", "title")

    id: str | None = _wire("id", "preference_id", "memory_id")
    own_title: str | None = None
    own_content: Any = None
    own_type: str | None = None
    title: str | None = _wire("title", "key")
    content: Any = None
    memory: Any = None
    type: str | None = None
    status: str | None = None
    tags: Any = None
    confidence: Number | None = None
    relativity: Number | None = None
    conversation_id: str | None = None
    create_time: str | None = _wire("create_time", "created_at")
    update_time: str | None = _wire("update_time", "updated_at")
    sources: Any = None
    source: Any = None
    message_ids: Any = None
    user_id: str | None = None
    agent_id: str | None = None

    def name(self) -> str | None:
        """Return the title, or None."""
        return self.own_title or self.title or None

    def text(self) -> str:
        """Return the content as readable text."""
        values = (self.own_content, self.content, self.memory)
        return next((text for value in values if (text := self.readable(value))), "")

    def readable(self, value: Any) -> str:
        """Return the readable text of a value that stands for the content."""
        return readable.content_of(value)


class Fact(Item):
    """View ``detail_factual``."""

    own_title: str | None = _wire("memory_key")
    own_content: Any = _wire("memory_value")
    own_type: str | None = _wire("memory_type")


class Preference(Item):
    """View ``preference``."""

    own_content: Any = _wire("preference")
    own_type: str | None = _wire("preference_type")


class Tool(Item):
    """View ``tool_memory``."""

    own_content: Any = _wire("tool_value", "experience")
    own_type: str | None = _wire("tool_type")
    tool_used_status: Any = None

    def readable(self, value: Any) -> str:
        """Return the value with what was learnt of each tool."""
        return readable.tool_text(value, self.tool_used_status)


class Skill(Item):
    """View ``skill``."""

    named_by: ClassVar[tuple[str, ...]] = ("own_content", "content", "title")

    own_content: Any = _wire("skill_value")
    own_type: str | None = _wire("skill_type")

    def name(self) -> str | None:
        """Return the skill's name."""
        named = readable.skill_name(self.own_content) or readable.skill_name(self.content)
        return named or super().name()

    def readable(self, value: Any) -> str:
        """Return description, procedure and the rest."""
        return readable.skill_text(value)


class Event(Item):
    """View ``event``."""

    own_title: str | None = _wire("event_key")
    own_content: Any = _wire("event_value")
    own_type: str | None = _wire("event_type")


class Profile(Item):
    """View ``profile``: a tree in ``get/memory``, a single field of it in ``search/memory``."""

    own_title: str | None = _wire("profile_path", "profile_template_id", "template_id")
    own_content: Any = _wire("properties")
    own_type: str | None = _wire("profile_category")

    def readable(self, value: Any) -> str:
        """Return a line for every leaf."""
        return readable.profile_text(value)


_MODELS: dict[View, type[Item]] = {
    "detail_factual": Fact,
    "preference": Preference,
    "tool_memory": Tool,
    "skill": Skill,
    "event": Event,
    "profile": Profile,
}
_OWN_FIELDS: tuple[tuple[str, View], ...] = (
    ("preference_type", "preference"),
    ("preference", "preference"),
    ("tool_type", "tool_memory"),
    ("tool_value", "tool_memory"),
    ("skill_value", "skill"),
    ("event_value", "event"),
    ("properties", "profile"),
    ("profile_path", "profile"),
)

_Model = TypeVar("_Model", bound=_Wire)


def message_window(data: Any, limit: int, *, surrogates: bool) -> answers.MessageWindow:
    """Return the answer of ``get/message``; ``data`` null or without the list is an empty window.

    Args:
        data: the envelope's data.
        limit: how many messages were asked for.
        surrogates: whether lone surrogates are possible at all.

    Raises:
        BadShape: data is no object, or the list no list.
        Incomplete: a message lacks its role, content or time, which make it the one that it is.
    """
    items = _items(data, "message_detail_list")
    found = [message for item in items if (message := fold_message(item)) is not None]
    lacking = absent_of_messages(
        Message, ([n for n in m.raw if m.role or n != "role"] for m in found)
    )
    if lacking:
        names = ", ".join(f"{name}: {number}" for name, number in lacking.items())
        raise Incomplete(
            _("of {count} messages some lack what every one has: {names}").format(
                count=len(found), names=names
            )
        )
    clean, replaced = clean_records(found) if surrogates else (found, 0)
    return answers.MessageWindow(tuple(clean), limit, replaced, len(items) - len(found))


def memory_page(data: Any, page: int, size: int, *, surrogates: bool) -> answers.MemoryPage:
    """Return the answer of ``get/memory``, view after view in the order of `VIEWS`.

    Raises:
        BadShape: data is no object, or one of the lists no list.
    """
    lists = {view: _items(data, name) for view, name in _LISTS.items()}
    found = _memories(lists)
    clean, replaced = clean_records(found) if surrogates else (found, 0)
    return answers.MemoryPage(
        memories=tuple(clean),
        page=page,
        pages=_count(data, "pages"),
        total=_count(data, "total"),
        full=any(len(items) >= size for items in lists.values()),
        replaced=replaced,
        skipped=sum(map(len, lists.values())) - len(found),
    )


def recalled(data: Any, *, surrogates: bool) -> answers.Recalled:
    """Return the answer of ``search/memory``, in its own order.

    Raises:
        BadShape: data is no object, or one of the lists no list.
    """
    lists = {view: _items(data, name) for view, name in _LISTS.items()}
    found = _memories(lists)
    clean = clean_records(found)[0] if surrogates else found
    counts: dict[str, int] = {view: len(items) for view, items in lists.items()}
    return answers.Recalled(tuple(clean), counts)


def nearest_first(memories: Iterable[answers.Memory]) -> tuple[answers.Memory, ...]:
    """Return memories of all views, highest relativity first, those without one last."""
    return tuple(sorted(memories, key=lambda m: (m.relativity is None, -(m.relativity or 0.0))))


def detail(data: Any, memory_id: str, *, surrogates: bool) -> answers.Memory | None:
    """Return the answer of ``GET get/memory/{id}`` in either of its shapes; None where it is null.

    Raises:
        BadShape: data is no object, holds nothing of a memory, or another memory than `memory_id`.
    """
    if data is None:
        return None
    if not isinstance(data, dict):
        raise BadShape(_("no object"))
    metadata = data.get("metadata")
    known = {name: value for name, value in data.items() if value is not None}
    merged = {**metadata, **known} if isinstance(metadata, dict) else known
    if not merged.keys() & {"content", "memory", "title", "status", "metadata", "memory_view"}:
        raise BadShape(_("nothing of a memory"))
    identified = merged if "id" in known else {**merged, "id": memory_id}
    memory = fold_memory(_view_of(merged), identified)
    if memory is None or memory.memory_id.casefold() != memory_id.casefold():
        raise BadShape(_("another memory than asked for"))
    memory = replace(memory, raw=data)
    return clean_records([memory])[0][0] if surrogates else memory


def task(data: Any, task_id: str) -> answers.Task | None:
    """Return the answer of ``get/status``, an object or a list with one; None where it is empty.

    Raises:
        BadShape: it is something else, or names no status.
    """
    if isinstance(data, list):
        data = data[0] if data else None
    if data is None:
        return None
    status = data.get("status") if isinstance(data, dict) else None
    if not isinstance(status, str) or not status:
        raise BadShape(_("no status"))
    views = data.get("memory_views")
    views = views if isinstance(views, dict) else {}
    added, updated, deleted = (readable.count_of(views.get(name)) for name in _TASK_COUNTS)
    return answers.Task(
        task_id,
        without_surrogates(status)[0],
        added,
        updated,
        deleted,
        memories=tuple(
            (without_surrogates(view)[0], tuple(without_surrogates(each)[0] for each in ids))
            for view, found in views.items()
            if view not in _TASK_COUNTS and (ids := readable.ids_of(found))
        ),
        raw=data,
    )


_TASK_COUNTS = ("added", "updated", "deleted")


def fold_message(item: Any) -> answers.Message | None:
    """Return one message, or None where the item is none."""
    if not isinstance(item, dict):
        return None
    wire, _ = _read(Message, item)
    calls = readable.from_json_text(wire.tool_calls)
    if wire.role is None and wire.content is None and not calls:
        return None
    return answers.Message(
        role=wire.role or "",
        content=readable.content_of(wire.content),
        create_time=readable.time_of(wire.create_time),
        update_time=readable.time_of(wire.update_time),
        role_id=wire.role_id,
        role_name=wire.role_name,
        tool_call_id=wire.tool_call_id,
        parts=tuple(wire.content) if isinstance(wire.content, list) else None,
        tool_calls=(tuple(calls) if isinstance(calls, list) else (calls,)) if calls else None,
        raw=item,
    )


def fold_memory(view: View, item: Any) -> answers.Memory | None:
    """Return one memory of any list or detail answer, or None where it has no id."""
    if not isinstance(item, dict):
        return None
    model = _MODELS[view]
    wire, names = _read(model, item)
    if not wire.id:
        return None
    return answers.Memory(
        memory_id=wire.id,
        view=view,
        title=wire.name(),
        content=wire.text(),
        status=wire.status,
        type=wire.own_type or (wire.type if wire.type not in VIEWS else None),
        tags=readable.tags_of(wire.tags),
        confidence=wire.confidence,
        conversation_id=wire.conversation_id or None,
        create_time=readable.time_of(wire.create_time),
        update_time=readable.time_of(wire.update_time),
        sources=sources_of(wire.sources, wire.source, wire.message_ids),
        relativity=wire.relativity,
        user_id=wire.user_id or None,
        agent_id=wire.agent_id or None,
        absent=absent_of_memory(model, names),
        raw=item,
    )


def absent_fields(view: View, item: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of a memory of which an item of a list says nothing, not even null."""
    model = _MODELS[view]
    return absent_of_memory(model, _read(model, item)[1])


def _read(model: type[_Model], item: Mapping[str, Any]) -> tuple[_Model, tuple[str, ...]]:
    """Return the model, and the names of all fields but those that have an undocumented type."""
    given = {name: value for name, value in item.items() if value is not None}
    odd: set[str] = set()
    while True:
        try:
            wire = model.model_validate(given)
        except ValidationError as error:
            details = error.errors(include_url=False, include_context=False, include_input=False)
        else:
            return wire, tuple(n for n in item if n not in odd) if odd else tuple(item)
        # Again in a loop, since the next name of the same field may now be read and be odd as well.
        for detail in details:
            odd.add(str(detail["loc"][0]))
            given.pop(str(detail["loc"][0]), None)


def _items(data: Any, name: str) -> list[Any]:
    """Return a list of the answer; missing or null is empty."""
    if data is None:
        return []
    if not isinstance(data, dict):
        raise BadShape(_("no object"))
    items = data.get(name)
    if items is None:
        return []
    if not isinstance(items, list):
        raise BadShape(_("{name} is no list").format(name=name))
    return items


def _memories(lists: Mapping[View, list[Any]]) -> list[answers.Memory]:
    folded = (fold_memory(view, item) for view, items in lists.items() for item in items)
    return [memory for memory in folded if memory is not None]


def _count(data: Any, name: str) -> int | None:
    """Return a number of the paging, also from its digits; None where there is none."""
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def _view_of(item: Mapping[str, Any]) -> View:
    """Return the view that a detail answer names, else the one whose fields it has."""
    named = item.get("memory_view")
    for view in VIEWS:
        if named == view:
            return view
    return next((view for name, view in _OWN_FIELDS if item.get(name)), "detail_factual")
