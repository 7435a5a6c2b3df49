"""The wire's variants, documented or seen, and everything that is neither."""

import json
from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.cloud import errors, wire
from memos_admin.cloud.answers import VIEWS, Memory, Source, View
from memos_admin.cloud.envelope import Break, Outcome, Reply, judge
from memos_admin.cloud.jsontext import BadJSON, decode
from memos_admin.cloud.readable import content_of
from memos_admin.cloud.redirects import Location
from tests.cloud.conftest import UNHURRIED
from tests.cloud.junk import ANSWER_BYTES, DATA, ITEMS, JUNK, LISTS


def fold(view: View, **item: Any) -> Memory:
    memory = wire.fold_memory(view, item)
    assert memory is not None
    assert memory.raw == item
    return memory


QUICK_START = {
    "id": "c8b41a89-83b3-4512-b4f7-1dfca3570107",
    "memory_key": "Family Trip Requirements",
    "memory_value": "[assistant perspective] The assistant understands …",
    "memory_type": "WorkingMemory",
    "memory_time": None,
    "conversation_id": "0610",
    "status": "activated",
    "confidence": 0.0,
    "tags": ["family trip", "recommendation"],
    "update_time": 1758095885923,
    "relativity": 0.0019950867,
}


def test_the_quick_start_s_fact() -> None:
    assert wire.fold_memory("detail_factual", QUICK_START) == Memory(
        memory_id="c8b41a89-83b3-4512-b4f7-1dfca3570107",
        view="detail_factual",
        title="Family Trip Requirements",
        content="[assistant perspective] The assistant understands …",
        status="activated",
        type="WorkingMemory",
        tags=("family trip", "recommendation"),
        confidence=0.0,
        conversation_id="0610",
        update_time="1758095885923",
        relativity=0.0019950867,
        absent=frozenset({"create_time", "sources"}),
        raw=QUICK_START,
    )


def test_a_preference_with_its_other_id() -> None:
    memory = fold(
        "preference", preference_id="p", preference="tea", preference_type="implicit_preference"
    )
    assert (memory.memory_id, memory.content, memory.title) == ("p", "tea", None)
    assert memory.type == "implicit_preference"
    assert fold("preference", id=None, preference_id="p").memory_id == "p"
    assert fold("preference", id="i", preference_id="p").memory_id == "i"


@pytest.mark.parametrize("name", ["tool_value", "experience"])
def test_a_tool_memory_under_both_names(name: str) -> None:
    used = [
        {"used_tool": "weather", "success_rate": 0.5, "tool_experience": "ask for a city"},
        7,
        {},
    ]
    memory = fold(
        "tool_memory", id="t", tool_type="ToolSchema", tool_used_status=used, **{name: "call it"}
    )
    assert memory.content == "call it\nweather: ask for a city"
    assert memory.type == "ToolSchema"


SKILL = {
    "name": "Packing",
    "description": "How to pack",
    "procedure": ["list", "weigh"],
    "experience": [],
    "examples": ["Rome"],
    "script": {"pack.py": "print()"},
    "others": {},
}


@pytest.mark.parametrize("value", [SKILL, json.dumps(SKILL), json.dumps(SKILL, ensure_ascii=False)])
def test_a_skill_as_object_or_text(value: Any) -> None:
    memory = fold("skill", id="s", skill_value=value, skill_type="x", relativity="0.75")
    assert memory.title == "Packing"
    assert memory.content == (
        "How to pack\nprocedure:\n- list\n- weigh\nexamples:\n- Rome\nscript:\n- pack.py: print()"
    )
    assert memory.relativity == 0.75


def test_a_skill_s_procedure_may_be_text() -> None:
    assert fold("skill", id="s", skill_value={"procedure": "pack"}).content == "procedure: pack"
    several = fold("skill", id="s", skill_value={"description": "d", "procedure": "a\nb"})
    assert several.content == "d\nprocedure:\na\nb"
    assert fold("skill", id="s", skill_value="just text").content == "just text"
    assert fold("skill", id="s", skill_value="{broken").content == "{broken"


def test_an_event() -> None:
    memory = fold(
        "event", id="e", event_key="k", event_value="v", event_type="plan", event_time=["x"]
    )
    assert (memory.title, memory.content, memory.type) == ("k", "v", "plan")


def test_a_profile_s_tree_and_its_single_field() -> None:
    tree = {
        "basic": {
            "name": {"value": "Ann", "algorithm_updatable": True},
            "home": {"city": {"value": None}, "floor": {"value": 3}},
        },
        "likes": {"value": ["tea", "rain"]},
        "plain": "text",
        "empty": {},
    }
    listed = fold("profile", id="p", profile_template_id="traveller", properties=tree)
    assert listed.title == "traveller"
    assert listed.content.splitlines() == [
        "basic.name: Ann",
        "basic.home.city:",
        "basic.home.floor: 3",
        "likes: tea, rain",
        "plain: text",
        "empty: {}",
    ]
    found = fold(
        "profile", id="p", template_id="t", profile_path="basic.name", memory="Ann", relativity=1
    )
    assert (found.title, found.content, found.relativity) == ("basic.name", "Ann", 1.0)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (1758095885922, "1758095885922"),
        (1758095885922.0, "1758095885922"),
        (1758095885.5, "1758095885.5"),
        ("1758095885922", "1758095885922"),
        ("2025-06-10 09:30:00", "2025-06-10 09:30:00"),
        ("2025-06-10T09:30:00.000+00:00", "2025-06-10T09:30:00.000+00:00"),
        (None, None),
        ("", None),
        (True, None),
        ([2025, 6, 10], None),
        ({"$date": 1}, None),
    ],
)
@pytest.mark.parametrize("names", [("create_time", "update_time"), ("created_at", "updated_at")])
def test_times_stay_raw_text(raw: Any, text: str | None, names: tuple[str, str]) -> None:
    memory = fold("detail_factual", id="m", **dict.fromkeys(names, raw))
    assert (memory.create_time, memory.update_time) == (text, text)
    message = wire.fold_message({"role": "user", "content": "x", **dict.fromkeys(names, raw)})
    assert message is not None
    assert (message.create_time, message.update_time) == (text, text)


def test_a_null_time_gives_way_to_the_other_name() -> None:
    memory = fold("event", id="e", create_time=None, created_at="x", update_time=[], updated_at=5)
    assert (memory.create_time, memory.update_time) == ("x", "5")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (["a", "b", "a", "", " c "], ("a", "b", "c")),
        ("a, b，c、d", ("a", "b", "c", "d")),
        ('["a", "b"]', ("a", "b")),
        ("", ()),
        (None, ()),
        ({"a": 1}, ()),
        ([1, None, ["x"]], ("1", '["x"]')),
    ],
)
def test_tags_in_every_form(tags: Any, expected: tuple[str, ...]) -> None:
    assert fold("detail_factual", id="m", tags=tags).tags == expected


@pytest.mark.parametrize(
    ("given_number", "expected"),
    [(0.5, 0.5), ("0.5", 0.5), (1, 1.0), ("high", None), ("nan", None), ("inf", None), ([], None)],
)
def test_numbers_as_texts(given_number: Any, expected: float | None) -> None:
    memory = fold("skill", id="s", confidence=given_number, relativity=given_number)
    assert (memory.confidence, memory.relativity) == (expected, expected)


def test_ids_may_be_numbers() -> None:
    memory = fold("event", id=7, conversation_id=610, status=None)
    assert (memory.memory_id, memory.conversation_id) == ("7", "610")
    assert fold("event", id="e", conversation_id="").conversation_id is None


CHAT = {"type": "chat", "role": "user", "content": "peanuts", "chat_time": "t", "message_id": "m-1"}
CHAT_SOURCE = Source(kind="chat", excerpt="peanuts", role="user", message_id="m-1", time="t")
UUID = "909e79cf-6c9a-5d74-83e1-07c59713e169"


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([CHAT, json.dumps(CHAT)], (CHAT_SOURCE, CHAT_SOURCE)),
        (json.dumps([CHAT]), (CHAT_SOURCE,)),
        (CHAT, (CHAT_SOURCE,)),
        ([UUID], (Source(kind="message_id", message_id=UUID),)),
        (["a quoted text"], (Source(kind="text", excerpt="a quoted text"),)),
        (["{broken"], (Source(kind="text", excerpt="{broken"),)),
        ([{"content": "q"}], (Source(kind="text", excerpt="q"),)),
        ([{"role": "user"}], (Source(kind="chat", role="user"),)),
        ([{"message_id": 5}], (Source(kind="message_id", message_id="5"),)),
        ([{"type": "doc", "doc": "x"}], (Source(kind="doc"),)),
        ([{}, None, "", {"lang": "en"}], ()),
        (None, ()),
        ([], ()),
    ],
)
def test_sources_in_every_form(sources: Any, expected: tuple[Source, ...]) -> None:
    assert fold("detail_factual", id="m", sources=sources).sources == expected


def test_message_ids_are_sources_that_do_not_repeat() -> None:
    memory = fold("event", id="e", sources=[CHAT], message_ids=["m-1", "m-2", None, "m-2", 3])
    assert memory.sources == (
        CHAT_SOURCE,
        Source(kind="message_id", message_id="m-2"),
        Source(kind="message_id", message_id="3"),
    )


def test_the_single_source_of_a_tool_memory() -> None:
    assert fold("tool_memory", id="t", source="web").sources == (Source(kind="web"),)
    assert fold("tool_memory", id="t", source=CHAT).sources == (CHAT_SOURCE,)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (None, ""),
        (7, "7"),
        (
            [
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                {"type": "text", "text": "look"},
                {"type": "file", "file": {"file_id": "f1", "filename": "a.pdf"}},
                {"type": "file", "file": "https://x/b.pdf"},
                {"type": "input_audio", "input_audio": {}},
                "bare",
            ],
            "look\nbare\n[image: https://x/y.png]\n[file: a.pdf]\n[file: https://x/b.pdf]\n[input_audio]",
        ),
        ([{"type": "image_url", "image_url": "data:image/png;base64," + "A" * 999}],
         "[image: data:image/png;base64, 999 characters]"),
        ([{"type": "image_url", "image_url": {"url": "h" * 500}}], f"[image: {'h' * 200}…]"),
        ([], ""),
        ({"type": "text", "text": "alone"}, "alone"),
        ([{"text": "untyped"}, {"odd": 1}], 'untyped\n{"odd": 1}'),
    ],
)  # fmt: skip
def test_content_of_messages(content: Any, text: str) -> None:
    assert content_of(content) == text


def test_a_message_with_every_field() -> None:
    item = {
        "role": "assistant",
        "role_id": 5,
        "role_name": "Bot",
        "content": [{"type": "text", "text": "hi"}],
        "tool_calls": json.dumps([{"id": "c1"}]),
        "tool_call_id": "c0",
        "create_time": "2025-06-10 09:30:00",
        "extra": {"kept": True},
    }
    message = wire.fold_message(item)
    assert message is not None
    assert (message.role_id, message.role_name, message.tool_call_id) == ("5", "Bot", "c0")
    assert message.content == "hi"
    assert message.parts == ({"type": "text", "text": "hi"},)
    assert message.tool_calls == ({"id": "c1"},)
    assert message.raw is item


def test_what_is_no_message_is_counted() -> None:
    message = {"role": "user", "content": "c", "create_time": None}
    data: dict[str, Any] = {"message_detail_list": [None, "x", [], {}, message]}
    window = wire.message_window(data, 50, surrogates=False)
    assert [(m.role, m.content) for m in window.messages] == [("user", "c")]
    assert (window.skipped, window.limit) == (4, 50)


WHOLE = {"role": "user", "content": "c", "create_time": "2025-06-10 09:30:00"}


@pytest.mark.parametrize("lost", ["role", "content", "create_time"])
def test_messages_that_lack_what_makes_them_are_no_window(lost: str) -> None:
    part = {name: value for name, value in WHOLE.items() if name != lost}
    with pytest.raises(wire.Incomplete, match=f"of 2 messages .*: {lost}: 1"):
        wire.message_window({"message_detail_list": [WHOLE, part]}, 50, surrogates=False)


@pytest.mark.parametrize("odd", [None, "", {}, []])
def test_a_message_without_a_usable_role_is_incomplete(odd: Any) -> None:
    with pytest.raises(wire.Incomplete, match="role: 1"):
        wire.message_window({"message_detail_list": [WHOLE | {"role": odd}]}, 50, surrogates=False)


@pytest.mark.parametrize(
    "item",
    [
        WHOLE | {"create_time": None},
        WHOLE | {"content": None},
        {"role": "assistant", "tool_calls": [{"id": "t"}], "created_at": 5},
    ],
)
def test_null_is_said_and_other_names_count(item: dict[str, Any]) -> None:
    window = wire.message_window({"message_detail_list": [item]}, 50, surrogates=False)
    assert [message.role for message in window.messages] == [item["role"]]


def test_fields_that_an_item_lacks_are_told_from_those_that_are_null() -> None:
    whole = dict.fromkeys(("memory_key", "memory_value", "memory_type", "status", "tags"))
    whole |= dict.fromkeys(("confidence", "conversation_id", "created_at", "updated_at"))
    assert fold("detail_factual", id="m", sources=[], **whole).absent == frozenset()
    assert fold(
        "detail_factual", id="m", memory_value="x", status={"odd": 1}, sources=[]
    ).absent == {
        *("title", "status", "type", "tags", "confidence", "conversation_id"),
        *("create_time", "update_time"),
    }
    assert fold("skill", id="m", skill_value={"name": "n"}).absent.isdisjoint({"title", "content"})
    assert wire.absent_fields("preference", {"id": "m", "content": "x", "status": None}) == {
        *("title", "type", "tags", "confidence", "conversation_id"),
        *("create_time", "update_time", "sources"),
    }


@pytest.mark.parametrize("data", [None, {}, {"message_detail_list": None}])
def test_no_list_is_an_empty_window(data: Any) -> None:
    assert wire.message_window(data, 50, surrogates=False).messages == ()


def test_a_page_of_all_views() -> None:
    data: dict[str, Any] = {name: [{"id": name}, {"no": "id"}] for name in LISTS}
    data |= {
        "total": "120",
        "size": 50,
        "current": 1,
        "pages": 3,
        "dream_detail_list": [{"id": "x"}],
    }
    page = wire.memory_page(data, 1, 50, surrogates=False)
    assert [(m.memory_id, m.view) for m in page.memories] == list(LISTS.items())
    assert (page.page, page.pages, page.total, page.skipped, page.full) == (1, 3, 120, 6, False)


@pytest.mark.parametrize(("length", "full"), [(49, False), (50, True), (51, True)])
def test_a_full_view_means_that_a_page_may_follow(length: int, full: bool) -> None:
    data: dict[str, Any] = {"event_detail_list": [{"id": str(n)} for n in range(length)]}
    assert wire.memory_page(data, 1, 50, surrogates=False).full is full


@pytest.mark.parametrize("odd", [None, -1, "many", 1.5, True, "١٢", [1]])
def test_odd_counts_are_unknown(odd: Any) -> None:
    page = wire.memory_page({"total": odd, "pages": odd}, 1, 50, surrogates=False)
    assert (page.total, page.pages) == (None, None)


def test_recalled_memories_come_best_first() -> None:
    data = {
        "memory_detail_list": [{"id": "a", "relativity": 0.2}, {"id": "b"}],
        "skill_detail_list": [{"id": "c", "relativity": "0.9"}],
        "preference_note": None,
    }
    found = wire.recalled(data, surrogates=False)
    assert [m.memory_id for m in wire.nearest_first(found.memories)] == ["c", "a", "b"]


def test_what_is_recalled_keeps_the_services_order_and_counts_what_cannot_be_read() -> None:
    items = [{"id": "a", "relativity": 0.2}, {"id": "b", "relativity": 0.9}, {"relativity": 1}]
    found = wire.recalled({"memory_detail_list": items}, surrogates=False)
    assert [m.memory_id for m in found.memories] == ["a", "b"]
    assert found.counts["detail_factual"] == 3
    assert found.counts["skill"] == 0


def test_a_detail_in_the_documented_shape() -> None:
    data = {
        "id": "m",
        "memory_view": "preference",
        "title": "T",
        "content": "C",
        "conversation_id": "0610",
        "message_ids": ["x1"],
        "status": "archived",
        "created_at": 5,
        "updated_at": "6",
        "user_id": "u",
        "agent_id": None,
        "tags": None,
        "info": {},
    }
    memory = wire.detail(data, "m", surrogates=False)
    assert memory == Memory(
        memory_id="m",
        view="preference",
        title="T",
        content="C",
        status="archived",
        conversation_id="0610",
        create_time="5",
        update_time="6",
        sources=(Source(kind="message_id", message_id="x1"),),
        user_id="u",
        absent=frozenset({"type", "tags", "confidence"}),  # null says as little in details
        raw=data,
    )


def test_a_detail_in_the_older_shape() -> None:
    metadata = {"memory_type": "UserMemory", "status": "activated", "key": "K", "sources": [CHAT]}
    data = {"id": "m", "memory": "text", "metadata": metadata}
    memory = wire.detail(data, "m", surrogates=False)
    assert memory is not None
    assert (memory.content, memory.title, memory.type) == ("text", "K", "UserMemory")
    assert (memory.status, memory.sources, memory.view) == (
        "activated",
        (CHAT_SOURCE,),
        "detail_factual",
    )
    assert memory.raw is data


def test_a_detail_in_both_shapes_at_once_and_without_an_id() -> None:
    data = {
        "memory_view": None,
        "content": "new",
        "memory": "old",
        "status": None,
        "metadata": {"status": "deleted", "preference_type": "explicit_preference"},
    }
    memory = wire.detail(data, "asked", surrogates=False)
    assert memory is not None
    assert (memory.memory_id, memory.content, memory.status) == ("asked", "new", "deleted")
    assert (memory.view, memory.type) == ("preference", "explicit_preference")


def test_the_case_of_an_id_is_no_difference() -> None:
    memory = wire.detail({"id": "ABC", "content": "x"}, "abc", surrogates=False)
    assert memory is not None


@pytest.mark.parametrize("data", [{"status": "running", "x": 1}, [{"status": "running", "x": 1}]])
def test_a_task_as_object_or_list(data: Any) -> None:
    task = wire.task(data, "t1")
    assert task is not None
    assert (task.task_id, task.status, task.raw["x"]) == ("t1", "running", 1)


def test_lone_surrogates_are_replaced_and_counted_but_kept_raw() -> None:
    nested = json.dumps({"type": "chat", "content": "q\udc00"})
    item = {
        "id": "m\ud800",
        "memory_value": "a\ud83d b\ude00 😀",
        "tags": ["\ud800x"],
        "sources": [nested],
    }
    page = wire.memory_page({"memory_detail_list": [item]}, 1, 50, surrogates=True)
    (memory,) = page.memories
    assert (memory.memory_id, memory.content) == ("m�", "a� b� 😀")
    assert (memory.tags, memory.sources[0].excerpt) == (("�x",), "q�")
    assert page.replaced == 5
    assert memory.raw is item
    parts = {
        "role": "user",
        "content": [{"type": "text", "text": "\ud800"}],
        "tool_calls": [{"\ud800": 1}],
        "create_time": None,
    }
    window = wire.message_window({"message_detail_list": [parts]}, 50, surrogates=True)
    (message,) = window.messages
    assert (message.content, message.parts) == ("�", ({"type": "text", "text": "�"},))
    assert (message.tool_calls, window.replaced) == (({"�": 1},), 1)


# ---- properties ----------------------------------------------------------------------------------


def assert_clean(record: Any) -> None:
    for entry in fields(record):
        value = getattr(record, entry.name)
        if entry.name == "sources":
            for source in value:
                assert_clean(source)
        elif entry.name not in {"raw", "absent"}:
            str(value).encode("utf-8")
            json.dumps(value, ensure_ascii=False).encode("utf-8")


@UNHURRIED
@given(DATA)
def test_any_data_is_an_answer_or_a_bad_shape(data: Any) -> None:
    try:
        window = wire.message_window(data, 50, surrogates=True)
        for message in window.messages:
            assert_clean(message)
        page = wire.memory_page(data, 1, 50, surrogates=True)
        for memory in page.memories:
            assert memory.memory_id
            assert_clean(memory)
        assert len(wire.recalled(data, surrogates=True).memories) == len(page.memories)
    except wire.BadShape:
        return


@UNHURRIED
@given(DATA)
def test_any_detail_or_task_is_an_answer_or_a_bad_shape(data: Any) -> None:
    for read in (lambda: wire.detail(data, "m", surrogates=True), lambda: wire.task(data, "t")):
        with suppress(wire.BadShape):
            read()


@UNHURRIED
@given(ITEMS, st.sampled_from(VIEWS))
def test_an_item_is_kept_whole_and_only_skipped_without_an_id(
    item: dict[str, Any], view: View
) -> None:
    before = json.dumps(item)
    memory = wire.fold_memory(view, item)
    assert json.dumps(item) == before
    if memory is None:
        assert not any(isinstance(item.get(n), str | int) and item[n] not in {"", True, False}
                       for n in ("id", "preference_id", "memory_id") if "id" not in item)  # fmt: skip
    else:
        assert memory.raw is item


@UNHURRIED
@given(
    st.builds(
        Reply,
        status=st.integers(200, 599),
        content_type=st.sampled_from(
            ["application/json", "", "text/html", "application/x+json; a=b"]
        )
        | st.text(),
        body=ANSWER_BYTES,
        location=st.none()
        | st.just(Location("https://x.example/v2/get/memory", "https://x.example/v2")),
    )
    | st.builds(Break, st.just("it broke"), st.just("Try again."), sent=st.booleans())
)
def test_any_answer_is_data_or_one_of_our_errors(reply: Reply | Break) -> None:
    outcome = judge(reply, "/get/memory", str)
    assert isinstance(outcome, Outcome)
    if outcome.error is not None:
        assert type(outcome.error) in errors.CloudError.__subclasses__()
        assert str(outcome.error).isprintable()
        assert len(str(outcome.error)) < 400


@UNHURRIED
@given(st.text() | JUNK.map(json.dumps))
def test_any_text_is_json_or_bad_json(text: str) -> None:
    try:
        value = decode(text)
    except BadJSON:
        return
    assert json.loads(json.dumps(value)) == value


FACTS = st.fixed_dictionaries(
    {
        "id": st.text(min_size=1),
        "memory_key": st.text(min_size=1),
        "memory_value": st.text(min_size=1),
    },
    optional={
        "memory_type": st.sampled_from(["WorkingMemory", "LongTermMemory", "UserMemory"]),
        "status": st.sampled_from(["activated", "resolving", "archived", "deleted"]),
        "confidence": st.floats(0, 1),
        "conversation_id": st.text(min_size=1),
        "create_time": st.integers(1, 4_000_000_000_000),
        "user_id": st.text(min_size=1),
    },
)


@UNHURRIED
@given(FACTS)
def test_a_documented_fact_comes_through_whole(item: dict[str, Any]) -> None:
    memory = fold("detail_factual", **item)
    assert (memory.memory_id, memory.title, memory.content) == tuple(
        item[name] for name in ("id", "memory_key", "memory_value")
    )
    assert memory.type == item.get("memory_type")
    assert memory.status == item.get("status")
    assert memory.confidence == item.get("confidence")
    assert memory.conversation_id == item.get("conversation_id")
    assert memory.user_id == item.get("user_id")
    assert memory.create_time == (str(item["create_time"]) if "create_time" in item else None)
