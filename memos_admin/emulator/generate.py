"""Large data sets that are computed when they are asked for.

Nothing is stored: the n-th memory of a user follows from the seed, the user's number, the view and
n, and its id says which one it is, so that a million memories cost nothing until they are read and
each can be found by its id. Equal arguments give equal data, on every machine.

Users are ``user-000001`` and so on, conversations ``c-0001``. Each memory belongs to one of the
user's conversations in turn; facts and preferences quote a user message of it. Every fourth user
speaks Chinese.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, Final

from memos_admin.emulator.records import VIEWS, Record, Subject, Wire, message_time, wire_time

NEWEST: Final = int(datetime(2026, 11, 15, 12, tzinfo=UTC).timestamp()) * 1000
OLDEST: Final = int(datetime(2025, 9, 1, tzinfo=UTC).timestamp()) * 1000
MINUTE: Final = 60_000
MASK: Final = (1 << 64) - 1
# odd factors turn consecutive numbers into ids that look unrelated, and can be turned back
SPREAD: Final = 0x9E3779B97F4A7C15
GATHER: Final = pow(SPREAD, -1, 1 << 64)
CHECK: Final = 0xBF58476D1CE4E5B9
VIEW_NAMES: Final = tuple(VIEWS)

PLACES: Final = ("Kyoto", "Lisbon", "Oslo", "Chengdu", "Porto", "Kunming", "Vienna", "Hanoi")
THINGS: Final = ("rain jacket", "desk lamp", "rice cooker", "backpack", "kettle", "headphones")
WISHES: Final = ("quiet", "cheap", "central", "child-friendly", "refundable", "direct")
PLACES_ZH: Final = ("京都", "里斯本", "奥斯陆", "成都", "波尔图", "昆明", "维也纳", "河内")
THINGS_ZH: Final = ("雨衣", "台灯", "电饭煲", "背包", "水壶", "耳机")
WISHES_ZH: Final = ("安静", "便宜", "市中心", "适合孩子", "可退款", "直达")


def generated_data(
    users: int = 10, conversations: int = 5, messages: int = 20, memories: int = 50, seed: int = 0
) -> Generated:
    """Return data of `users` users.

    Args:
        users: how many users.
        conversations: a user.
        messages: a conversation.
        memories: a user, all views together.
        seed: another seed, other texts, times and ids. Raises ValueError for a negative number or
            more users or memories than ids can name (2³⁰ users, 2³¹ memories of a view).
    """
    for name, number, most in (
        ("users", users, 1 << 30),
        ("conversations", conversations, 1 << 31),
        ("messages", messages, 1 << 31),
        ("memories", memories, 1 << 31),
    ):
        if not 0 <= number < most:
            raise ValueError(f"{name} must be from 0 to {most - 1}")
    return Generated(users, conversations, messages, memories, seed)


def shares(memories: int) -> dict[str, int]:
    """Return how many of a user's memories are of each view; they add up."""
    counts = {
        "preference": memories // 5,
        "tool_memory": memories // 12,
        "skill": memories // 20,
        "event": memories // 16,
        "profile": 1 if memories >= 10 else 0,
    }
    return {"detail_factual": memories - sum(counts.values()), **counts}


class Ids(Sequence[str]):
    """The ids of all users, made when asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [user_id(n) for n in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        return user_id(number)


def user_id(number: int) -> str:
    """Return the id of the user with a number, from 0."""
    return f"user-{number + 1:06}"


def _conversation_id(number: int) -> str:
    """Return the id of the conversation with a number, from 0."""
    return f"c-{number + 1:04}"


def _numbered(text: str, form: Callable[[int], str], count: int) -> int | None:
    """Return the number, from 0, that `form` makes an id such as ``c-0001`` of.

    None where it is none of `count` such ids.
    """
    digits = text.rpartition("-")[2]
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits[:18]) - 1
    return number if 0 <= number < count and form(number) == text else None


class Generated:
    """Data that follow from a few numbers. See `generated_data`."""

    def __init__(
        self, users: int, conversations: int, messages: int, memories: int, seed: int
    ) -> None:
        self.users: Sequence[str] = Ids(users)
        self.agents: Sequence[str] = ()
        self.seed = seed
        self.counts = shares(memories)
        self._steps = {
            view: max(1, (NEWEST - OLDEST) // (count + 1)) for view, count in self.counts.items()
        }
        """The time between two neighbours of a view's list, in milliseconds."""
        before = accumulate(self.counts[view] for view in VIEW_NAMES)
        self._first = dict(zip(VIEW_NAMES, [0, *before], strict=False))
        """How many of a user's memories are of earlier views."""
        self._conversations = conversations
        self._messages = messages

    def transcript(self, owner: str, conversation_id: str) -> Sequence[Wire]:
        """The messages of a conversation."""
        user = _numbered(owner, user_id, len(self.users))
        conversation = _numbered(conversation_id, _conversation_id, self._conversations)
        if user is None or conversation is None:
            return ()
        return Transcript(self, user, conversation, self._messages)

    def listing(self, subject: Subject, view: str) -> GeneratedListing:
        """The memories of a user."""
        user = _numbered(subject.id, user_id, len(self.users))
        if user is None or subject.kind != "user":
            return GeneratedListing(self, 0, view, 0)
        return GeneratedListing(self, user, view, self.counts[view])

    def find(self, memory_id: str) -> Record | None:
        """The memory that an id names."""
        place = self.place(memory_id)
        return None if place is None else self.record(*place)

    # ids

    def memory_id(self, user: int, view: str, position: int) -> str:
        """Return the id that names a memory."""
        place = (user << 34 | VIEW_NAMES.index(view) << 31 | position) ^ (self.seed & MASK)
        low = place * SPREAD & MASK
        high = (low ^ self.seed * SPREAD ^ low >> 29) * CHECK & MASK
        text = f"{high:016x}{low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def place(self, memory_id: str) -> tuple[int, str, int] | None:
        """Return user, view and position of an id; None where it names none."""
        try:
            low = uuid.UUID(memory_id).int & MASK
        except ValueError:
            return None
        place = (low * GATHER & MASK) ^ (self.seed & MASK)
        user, number, position = place >> 34, place >> 31 & 7, place & (1 << 31) - 1
        if user >= len(self.users) or number >= len(VIEW_NAMES):
            return None
        view = VIEW_NAMES[number]
        if position >= self.counts[view] or self.memory_id(user, view, position) != memory_id:
            return None
        return user, view, position

    def step(self, view: str) -> int:
        """Return the time between two neighbours of a list, in milliseconds.

        The memory at position p was updated p + 1 steps before the newest time.
        """
        return self._steps[view]

    # texts

    def pick(self, *numbers: int) -> int:
        """Return a number that follows from the seed and `numbers`."""
        value = self.seed & MASK
        for number in numbers:
            value = (value + number + 1) * SPREAD & MASK
            value = (value ^ value >> 29) * CHECK & MASK
        return value >> 20

    def message(self, user: int, conversation: int, number: int) -> Wire:
        """Return a message; two neighbours, question and answer, share a time."""
        chance = self.pick(user, conversation, number)
        asks = number % 2 == 0
        pair = number // 2
        text = self._text(user, chance, asks=asks)
        start = OLDEST + self.pick(user, conversation) % (300 * 24 * 60) * MINUTE
        moment = message_time(start + pair * 3 * MINUTE)
        return {
            "role": "user" if asks else "assistant",
            "content": f"{text} ({number + 1})",
            "create_time": moment,
            "update_time": moment,
        }

    def _text(self, user: int, chance: int, *, asks: bool) -> str:
        place, thing, wish = chance % 8, chance // 8 % 6, chance // 64 % 6
        if user % 4 == 3:
            if asks:
                return f"我想去{PLACES_ZH[place]}，要{WISHES_ZH[wish]}的，还想买一个{THINGS_ZH[thing]}。"
            return (
                f"好的，{PLACES_ZH[place]}有{WISHES_ZH[wish]}的选择，{THINGS_ZH[thing]}我也找到了。"
            )
        if asks:
            return f"I plan a {WISHES[wish]} trip to {PLACES[place]} and need a {THINGS[thing]}."
        return f"Noted: {PLACES[place]}, {WISHES[wish]}. I found a {THINGS[thing]} as well."

    # memories

    def record(self, user: int, view: str, position: int) -> Record:
        """Return the memory at a position of a user's list."""
        memory_id = self.memory_id(user, view, position)
        updated = NEWEST - (position + 1) * self._steps[view]
        created = updated - self.pick(user, position, 7) % (20 * MINUTE)
        chance = self.pick(user, VIEW_NAMES.index(view), position)
        order = self._first[view] + position
        conversation = order % self._conversations if self._conversations else None
        source = self._source(user, conversation, order) if view in QUOTING else None
        said = source["content"] if source else self._text(user, chance, asks=True)
        own = OWN[view](chance, said)
        if view in QUOTING:
            own["sources"] = [] if source is None else [source]
        form = VIEWS[view]
        item: Wire = {"id": memory_id, **own}
        if view != "profile":
            item["conversation_id"] = (
                None if conversation is None else _conversation_id(conversation)
            )
            item["info"] = {"scene": "support" if chance % 3 == 0 else "chat"}
        item["status"] = "activated"
        item[form.created] = wire_time(created, form.times)
        item[form.updated] = wire_time(updated, form.times)
        return Record(
            memory_id,
            view,
            (Subject("user", user_id(user)),),
            item,
            "activated",
            created,
            updated,
            conversation_id=item.get("conversation_id"),
        )

    def _source(self, user: int, conversation: int | None, order: int) -> Wire | None:
        """Return the user message that a memory quotes, as its source."""
        if conversation is None or not self._messages:
            return None
        pairs = (self._messages + 1) // 2
        message = self.message(user, conversation, order // self._conversations % pairs * 2)
        return {
            "type": "chat",
            "role": "user",
            "content": message["content"],
            "chat_time": message["create_time"],
        }


def _fact(chance: int, said: str) -> Wire:
    place = PLACES[chance % 8]
    return {
        "memory_key": f"Trip to {place}",
        "memory_value": f"[user perspective] {said}",
        "memory_type": "LongTermMemory",
        "memory_time": None,
        "confidence": chance % 100 / 100,
        "tags": [place.lower(), WISHES[chance // 64 % 6]],
    }


def _preference(chance: int, said: str) -> Wire:
    return {
        "preference": f"The user wants hotels to be {WISHES[chance // 64 % 6]}.",
        "preference_type": ("explicit_preference", "implicit_preference")[chance % 2],
        "reasoning": f"The user said: {said}",
    }


def _tool(chance: int, _: str) -> Wire:
    used = {"used_tool": "search_hotels", "error_type": "", "success_rate": 1.0}
    return {
        "tool_type": "ToolTrajectoryMemory",
        "tool_value": f"search_hotels for {PLACES[chance % 8]} found {chance // 8 % 20} hotels.",
        "tool_used_status": [{**used, "tool_experience": "Ask for dates first."}],
    }


def _skill(chance: int, _: str) -> Wire:
    place = PLACES[chance % 8]
    value = {
        "name": f"Plan a trip to {place}",
        "description": f"How to plan a {WISHES[chance // 64 % 6]} trip to {place}.",
        "procedure": ["Ask for dates.", "Search hotels.", "Offer three of them."],
    }
    return {"skill_value": value, "skill_type": "procedure", "tags": [place.lower()]}


def _event(chance: int, _: str) -> Wire:
    place, thing = PLACES[chance % 8], THINGS[chance // 8 % 6]
    return {
        "event_key": f"Bought a {thing}",
        "event_value": f"The user bought a {thing} before the trip to {place}.",
        "event_type": "purchase",
        "event_location": [place],
    }


def _profile(chance: int, _: str) -> Wire:
    leaf = {"value": PLACES[chance % 8], "algorithm_updatable": True}
    return {
        "profile_template_id": "traveller",
        "project_id": "project-generated",
        "properties": {"travel": {"favourite_place": leaf}},
    }


OWN: Final = {
    "detail_factual": _fact,
    "preference": _preference,
    "tool_memory": _tool,
    "skill": _skill,
    "event": _event,
    "profile": _profile,
}
"""Makes the fields that an item of each view has for itself."""
QUOTING: Final = frozenset({"detail_factual", "preference", "event"})
"""Views whose memories quote a message."""


class Transcript(Sequence[Wire]):
    """The messages of a conversation, made when asked for."""

    def __init__(self, data: Generated, user: int, conversation: int, count: int) -> None:
        self._data, self._user, self._conversation = data, user, conversation
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(self._count))]
        if not 0 <= number < self._count:
            raise IndexError(number)
        return self._data.message(self._user, self._conversation, number)


class GeneratedListing:
    """A user's memories of a view, made when asked for."""

    def __init__(self, data: Generated, user: int, view: str, count: int) -> None:
        self._data, self._user, self._view, self._count = data, user, view, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: int, /) -> Record:
        if not 0 <= position < self._count:
            raise IndexError(position)
        return self._data.record(self._user, self._view, position)

    def position(self, memory_id: str) -> int | None:
        """Where a memory stands."""
        place = self._data.place(memory_id)
        if place is None or place[:2] != (self._user, self._view) or place[2] >= self._count:
            return None
        return place[2]

    def between(self, low: int | None, high: int | None) -> range:
        """Positions updated from `low` up to `high`, excluded, from the distance of neighbours."""
        step = self._data.step(self._view)
        first = 0 if high is None else (NEWEST - high) // step
        last = self._count if low is None else (NEWEST - low) // step
        return range(min(max(first, 0), self._count), min(max(last, 0), self._count))
