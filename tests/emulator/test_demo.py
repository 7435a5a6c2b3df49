"""The demo is what it promises: a believable small product."""

import itertools
import json
import subprocess
import sys
import textwrap
from collections import Counter
from typing import Any

import pytest

from memos_admin.emulator.demo import demo_data, midnight
from memos_admin.emulator.demo.cast import Cast, Fixed
from memos_admin.emulator.demo.screenplay import DAY_MS, perform
from memos_admin.emulator.extraction import CHINESE
from memos_admin.emulator.records import VIEWS, Record, Subject


@pytest.fixture(scope="module")
def demo() -> Fixed:
    return demo_data()


def sources(record: Record) -> list[dict[str, Any]]:
    given = record.item.get("sources", ())
    return [json.loads(source) if isinstance(source, str) else source for source in given]


ERRING = {"rosa.costa@example.pt", "周敏"}
"""Of whom more is remembered than their conversations tell, for the evidence to find."""


LOST = ("u-88120", "ticket-47390")
"""The conversation whose first messages the service has no longer."""

LATELY = {
    ("nora.lindqvist@example.se", "gotland-ferry"),
    ("nora.lindqvist@example.se", "copenhagen"),
    ("张伟", "游泳课"),
    ("u-88120", "parcel-w-91011"),
    ("u-88120", "bot-loop"),
    LOST,
}
"""Conversations of the last weeks, dated back from today."""


def test_users_an_agent_and_their_conversations(demo: Fixed) -> None:
    assert (len(demo.users), demo.agents, len(demo.transcripts)) == (15, ["ops-agent"], 71)
    assert {"memos_user_123", "王芳", "u-88120", "li.wei@acme.cn"} <= set(demo.users)


def test_english_and_chinese(demo: Fixed) -> None:
    texts = [str(message["content"]) for play in demo.transcripts.values() for message in play]
    chinese = sum(1 for text in texts if CHINESE.search(text))
    assert 80 < chinese < len(texts) - 80


def test_all_views_statuses_and_tags(demo: Fixed) -> None:
    assert {record.view for record in demo.records} == set(VIEWS)
    statuses = Counter(record.status for record in demo.records)
    assert set(statuses) == {"activated", "resolving", "archived", "deleted"}
    assert sum(1 for record in demo.records if record.item.get("tags")) > 100


def test_sources_quote_their_messages(demo: Fixed) -> None:
    forms: Counter[str] = Counter()
    for record in demo.records:
        owner = record.subjects[0].id
        play = demo.transcript(owner, record.conversation_id or "")
        for source in sources(record):
            if "content" not in source:
                forms["message id"] += 1
                assert source["message_id"] in record.message_ids
                continue
            if source["type"] == "doc":
                forms["document"] += 1
                continue
            texts = [
                message["content"]
                if isinstance(message["content"], str)
                else message["content"][0]["text"]
                for message in play
                if message["role"] == source["role"]
            ]
            lost = (owner, record.conversation_id) == LOST
            if (lost or owner in ERRING) and not any(source["content"] in text for text in texts):
                forms["not in the conversation"] += 1
                continue
            assert any(source["content"] in text for text in texts), record.item
            forms["whole" if source["content"] in texts else "excerpt"] += 1
        forms["none"] += not sources(record)
        forms["as text"] += any(isinstance(s, str) for s in record.item.get("sources", ()))
    assert min(forms[form] for form in ("message id", "whole", "excerpt", "none", "as text")) > 0
    assert forms["whole"] > 80
    assert (forms["document"], forms["not in the conversation"]) == (2, 6)


def test_one_conversation_shows_the_ids_of_its_messages(demo: Fixed) -> None:
    showing = {
        key for key, play in demo.transcripts.items() if any("message_id" in m for m in play)
    }
    assert showing == {("li.wei@acme.cn", "singapore")}
    budget = next(r for r in demo.records if r.title == "Hotel Budget in Singapore")
    named = [m for m in demo.transcript(*showing.pop()) if m["message_id"] in budget.message_ids]
    assert sources(budget) == [{"type": "chat", "message_id": named[0]["message_id"]}]
    assert "300 SGD" in named[0]["content"]


def test_the_assistant_misstates_a_user_and_its_source_shows_it(demo: Fixed) -> None:
    wrong = next(r for r in demo.records if r.title == "Peanut Allergy")
    assert wrong.content.startswith("[assistant perspective]")
    assert "the user is allergic" in wrong.content
    assert "my sister is allergic to peanuts" in sources(wrong)[0]["content"]


def test_a_preference_changed_over_time(demo: Fixed) -> None:
    seats = sorted(
        (r for r in demo.records if r.view == "preference" and "座位" in r.item["tags"]),
        key=lambda record: record.created or 0,
    )
    assert [seat.status for seat in seats] == ["archived", "activated"]


def test_conversations_of_every_kind(demo: Fixed) -> None:
    plays = demo.transcripts.values()
    assert len(demo.transcript("anna.schmidt@example.org", "interrail-2026")) == 130
    group = demo.transcript("tom.baker@example.com", "offsite-2026")
    assert len({message.get("role_id") for message in group}) == 4
    assert group == demo.transcript("li.wei@acme.cn", "offsite-2026")
    parts = [m for play in plays for m in play if isinstance(m["content"], list)]
    assert {part["type"] for m in parts for part in m["content"]} == {"text", "image_url", "file"}
    for play in plays:
        calls = [call["id"] for m in play for call in m.get("tool_calls", ())]
        assert calls == [m["tool_call_id"] for m in play if m["role"] == "tool"]
    assert sum(1 for play in plays if any(m["role"] == "tool" for m in play)) > 5


def test_times_are_in_order_and_shared_by_batches(demo: Fixed) -> None:
    for play in demo.transcripts.values():
        times = [message["create_time"] for message in play]
        assert times == sorted(times)
        assert len(set(times)) < len(times)
    everything = list(itertools.chain(*demo.transcripts.values()))
    assert min(m["create_time"] for m in everything) >= "2025-06"
    dated = [m for key, play in demo.transcripts.items() if key not in LATELY for m in play]
    assert "2026-11-01" < max(m["create_time"] for m in dated) < "2026-11-16"
    for record in demo.records:
        assert record.created is None or record.created <= record.updated


def test_ids_are_unique_and_the_same_in_every_process(demo: Fixed) -> None:
    ids = [record.id for record in demo.records]
    assert len(set(ids)) == len(ids)
    code = (
        "from memos_admin.emulator import demo; import json\n"
        f"demo.midnight = lambda: {midnight()}; d = demo.demo_data()\n"
        "print(json.dumps([[r.id, r.item] for r in d.records]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[record.id, record.item] for record in demo.records]


STORY = """
    user = "u"
    [[conversation]]
    id = "c"
    at = "-30d 10:00"
    edited = [{ now = "for two", until = "-9d 10:00", was = "for one" }]
    script = '''
    user: A room for two.
    @ -5d 10:00
    assistant: It is booked.
    '''
    [[fact]]
    title = "Room"
    value = "two"
    in = "c"
    quotes = ["A room for two"]
    was = [{ until = "-20d 10:00", value = "none" }, { until = "-10d 10:00", value = "one" }]
    [[fact]]
    title = "Gone"
    value = "g"
    in = "c"
    quotes = ["A room for two"]
    left = "-8d 10:00"
    [[fact]]
    title = "Archived"
    value = "a"
    in = "c"
    quotes = ["A room for two"]
    left = "-8d 10:00"
    as = "archived"
    [[fact]]
    title = "Away"
    value = "w"
    in = "c"
    quotes = ["A room for two"]
    away = ["-15d 10:00", "-7d 10:00"]
    [[fact]]
    title = "Booked"
    value = "b"
    in = "c"
    quotes = ["It is booked"]
"""


@pytest.mark.parametrize(
    ("days", "said", "listed"),
    [
        (31, [], {}),
        (25, ["A room for one."], {"Room": "none", "Gone": "g", "Archived": "a", "Away": "w"}),
        (12, ["A room for one."], {"Room": "one", "Gone": "g", "Archived": "a"}),
        (8, ["A room for two."], {"Room": "two"}),
        (6, ["A room for two."], {"Room": "two", "Away": "w"}),
        (0, ["A room for two.", "It is booked."], {"Room": "two", "Away": "w", "Booked": "b"}),
    ],
)
def test_the_past_is_shown_as_it_was(days: int, said: list[str], listed: dict[str, str]) -> None:
    today = midnight()
    cast = Cast(today, today - days * DAY_MS + DAY_MS // 2)
    cast.add(textwrap.dedent(STORY), "u.toml")
    shown = cast.data()
    assert [message["content"] for message in shown.transcript("u", "c")] == said
    records = shown.listing(Subject("user", "u"), "detail_factual")
    assert {r.title: r.content for r in (records[n] for n in range(len(records)))} == listed
    gone = {record.title for record in shown.records} - listed.keys()
    assert gone == ({"Archived"} if said and days <= 8 else set())  # found by its id


@pytest.mark.parametrize("line", ["narrator: hello", "assistant calls find {oops}", "  first"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"line 1|Expecting"):
        perform("\n" + line.replace("  ", "[image: x]\n"), "2026-01-01 10:00")


def test_a_memory_that_quotes_what_nobody_said_is_refused() -> None:
    text = """
        user = "u"
        [[conversation]]
        id = "c"
        at = "2026-01-01 10:00"
        script = "user: hello"
        [[fact]]
        title = "t"
        value = "v"
        in = "c"
        quotes = ["goodbye"]
    """
    cast = Cast()
    cast.add(text, "u.toml")
    with pytest.raises(ValueError, match=r"u\.toml.*goodbye.*0 messages"):
        cast.data()
