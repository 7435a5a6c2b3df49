"""Generated data: computed on demand, the same everywhere."""

import json
import uuid
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.emulator.generate import Generated, generated_data, shares
from memos_admin.emulator.records import VIEWS, Subject
from tests.emulator.conftest import Serve

USER = Subject("user", "user-000003")


def snapshot(data: Generated) -> str:
    listings = {view: data.listing(USER, view) for view in VIEWS}
    return json.dumps(
        {
            "users": list(data.users),
            "messages": list(data.transcript(USER.id, "c-0002")),
            "memories": {
                view: [listing[n].item for n in range(len(listing))]
                for view, listing in listings.items()
            },
        }
    )


def test_equal_arguments_give_equal_data_and_other_seeds_others() -> None:
    def one(seed: int) -> str:
        return snapshot(generated_data(4, 3, 10, 40, seed))

    assert one(7) == one(7)
    assert one(7) != one(8)


def test_data_are_the_same_on_every_machine() -> None:
    data = generated_data(users=2, seed=11)
    first = data.listing(Subject("user", "user-000001"), "detail_factual")[0]
    assert first.id == "8203ddc1-0b92-5aeb-cc62-3af8783354e7"
    assert data.transcript("user-000001", "c-0001")[0] == {
        "role": "user",
        "content": "I plan a quiet trip to Vienna and need a kettle. (1)",
        "create_time": "2026-03-04 14:03:00",
        "update_time": "2026-03-04 14:03:00",
    }


@pytest.mark.parametrize("memories", [0, 1, 9, 10, 60, 1000])
def test_memories_add_up(memories: int) -> None:
    assert sum(shares(memories).values()) == memories
    assert all(count >= 0 for count in shares(memories).values())


def test_counts_are_per_user_and_per_conversation() -> None:
    data = generated_data(users=3, conversations=4, messages=7, memories=50)
    assert list(data.users) == ["user-000001", "user-000002", "user-000003"]
    assert len(data.transcript("user-000003", "c-0004")) == 7
    for owner, conversation in (
        ("user-000004", "c-0001"),
        ("user-000001", "c-0005"),
        ("user-000001", "c-0000"),
        ("user-1", "c-0001"),
        ("user-000001", "c-1"),
        ("nobody", "c-0001"),
        ("user-٠٠٠٠٠١", "c-0001"),
    ):
        assert len(data.transcript(owner, conversation)) == 0, (owner, conversation)
    assert len(data.listing(Subject("agent", "user-000001"), "skill")) == 0
    assert len(data.listing(Subject("user", "user-1"), "detail_factual")) == 0


def test_every_conversation_is_named_by_a_memory_and_every_quote_is_verbatim() -> None:
    data = generated_data(users=4, conversations=6, messages=9, memories=40, seed=3)
    for user_id in data.users:
        named = set()
        for view in VIEWS:
            listing = data.listing(Subject("user", user_id), view)
            for record in (listing[n] for n in range(len(listing))):
                named.add(record.conversation_id)
                for source in record.item.get("sources", ()):
                    said = data.transcript(user_id, record.conversation_id or "")
                    assert any(
                        message["content"] == source["content"] and message["role"] == "user"
                        for message in said
                    )
        assert named - {None} == {f"c-{n:04}" for n in range(1, 7)}


def test_messages_of_a_conversation_differ_and_share_times_in_pairs() -> None:
    messages = list(generated_data(messages=30).transcript("user-000004", "c-0001"))
    assert len({message["content"] for message in messages}) == 30
    times = [message["create_time"] for message in messages]
    assert times == sorted(times)
    assert len(set(times)) == 15


def test_lists_are_ordered_by_update_time() -> None:
    listing = generated_data(memories=500).listing(USER, "detail_factual")
    times = [listing[n].updated for n in range(len(listing))]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


@given(
    st.integers(0, 2**70),
    st.integers(0, 999_999),
    st.sampled_from(sorted(VIEWS)),
    st.integers(0, 49_999),
)
def test_an_id_leads_back_to_its_memory(seed: int, user: int, view: str, position: int) -> None:
    data = generated_data(users=1_000_000, memories=1_000_000, seed=seed)
    position %= data.counts[view]
    memory_id = data.memory_id(user, view, position)
    assert str(uuid.UUID(memory_id)) == memory_id
    assert data.place(memory_id) == (user, view, position)
    record = data.find(memory_id)
    assert record is not None
    assert record.id == memory_id
    assert data.listing(record.subjects[0], view).position(memory_id) == position


@given(st.uuids() | st.text(max_size=40))
def test_other_ids_lead_nowhere(text: object) -> None:
    assert generated_data(users=1000, memories=1000).find(str(text)) is None


@given(
    st.integers(0, 60),
    st.integers(1_750_000_000_000, 1_800_000_000_000) | st.none(),
    st.integers(1_750_000_000_000, 1_800_000_000_000) | st.none(),
)
def test_bounds_hold_what_a_scan_finds(memories: int, low: int | None, high: int | None) -> None:
    listing = generated_data(memories=memories).listing(USER, "detail_factual")
    near = set(listing.between(low, high))
    for position in range(len(listing)):
        updated = listing[position].updated
        inside = (low is None or updated >= low) and (high is None or updated < high)
        assert inside == (position in near)


async def test_a_million_memories_are_served_at_once(serve: Serve) -> None:
    caller = await serve(generated_data(users=1, memories=1_000_000))
    data = await caller.data("/get/memory", user_id="user-000001", size=50)
    facts = shares(1_000_000)["detail_factual"]
    assert (data["total"], data["pages"]) == (facts, -(-facts // 50))
    last = await caller.data("/get/memory", user_id="user-000001", size=50, page=data["pages"])
    memory_id = last["memory_detail_list"][-1]["id"]
    assert (await caller.memory(memory_id))["data"]["id"] == memory_id
    future = {"and": [{"update_time": {"gte": "2031-01-01"}}]}
    none = await caller.data("/get/memory", user_id="user-000001", filter=future)
    assert none["total"] == 0
    recent = {"and": [{"update_time": {"gte": "2026-11-14"}}]}
    few = await caller.data("/get/memory", user_id="user-000001", filter=recent, size=50)
    assert 0 < few["total"] < 10_000


async def test_a_million_users_are_there(serve: Serve) -> None:
    caller = await serve(generated_data(users=1_000_000, memories=10))
    data = await caller.data("/get/memory", user_id="user-1000000")
    assert data["memory_detail_list"]


@pytest.mark.parametrize("wrong", ["users", "conversations", "messages", "memories"])
def test_negative_numbers_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        generated_data(**{wrong: -1})
    assert len(list(islice(generated_data(**{wrong: 0}).users, 3))) == (
        0 if wrong == "users" else 3
    )
