"""The id in what a person typed or pasted."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.ids.from_paste import LONGEST_ID, LONGEST_MEMORY_ID, read_id
from tests.hostile import HOSTILE

UUID = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
OTHER = "c8b41a89-83b3-4512-b4f7-1dfca3570107"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("li.wei@acme.cn", "li.wei@acme.cn"),
        ("  0610\n", "0610"),
        ('"0610",', "0610"),
        ("<li.wei@acme.cn>", "li.wei@acme.cn"),
        ("‘u-88120’", "u-88120"),
        (f"\ufeff{UUID}\u200b", UUID),
        (f"memory {UUID} looks wrong", UUID),
        (f"({UUID})", UUID),
        ("why does u-88120 believe this?", "u-88120"),
        ("group chat", "group chat"),
        ("https://dashboard.example/memories/m%20one?tab=2", "m one"),
        (f"https://dashboard.example/memories/{UUID}/edit", UUID),
        ("see https://dashboard.example/users/u-88120.", "u-88120"),
        ('{"id": "m-1", "text": "x"}', "m-1"),
        ("用户 用户_7", "用户_7"),
        ("user:7", "user:7"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_the_id_is_taken_out_of_what_stands_around_it(typed: str, found: str) -> None:
    assert read_id(typed).id == found


@pytest.mark.parametrize(
    ("typed", "found", "kind"),
    [
        (f'"memory_id": "{UUID}",', UUID, "memory"),
        (f"memory_id={UUID}", UUID, "memory"),
        ('"memory_id": "0a89', "0a89", "memory"),
        (f"'task_id': '{UUID}'", UUID, "task"),
        ('"memory_ids": ["m-1", "m-2"]', "m-1", "memory"),
        ('{\n  "user_id": "ann smith",\n', "ann smith", "user"),
        ('{"user_id": "ann", "conversation_id": "0610"}', "0610", "conversation"),
        ("https://x.example/?user_id=ann%40acme&view=all", "ann@acme", "user"),
        ("Conversation ID: 0610", "0610", "conversation"),
        ("--agent-id=ops-agent", "ops-agent", "agent"),
    ],
)
def test_a_text_that_names_what_it_is_is_believed(typed: str, found: str, kind: str) -> None:
    pasted = read_id(typed)
    assert (pasted.id, pasted.kinds) == (found, (kind,))


@pytest.mark.parametrize("empty", ["", " \n\t", "\u200b", "\x00\x1b"])
def test_nothing_is_no_id(empty: str) -> None:
    assert read_id(empty) == read_id("")
    assert read_id(empty).kinds == ()


def test_what_it_can_be_follows_from_its_form() -> None:
    assert read_id(UUID).kinds[:2] == ("memory", "task")
    assert read_id("0610").kinds[0] == "user"
    assert set(read_id("0610").kinds) == set(read_id(UUID).kinds)
    assert set(read_id("x" * (LONGEST_ID + 1)).kinds) == {"memory", "task"}
    assert read_id("x" * (LONGEST_MEMORY_ID + 1)).kinds == ()


def test_ids_with_spaces_are_looked_for_as_they_are_typed() -> None:
    assert read_id("group chat 7").readings == ("group chat 7", "7")
    assert read_id(f"see {UUID}").readings == (UUID, f"see {UUID}")


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_texts_are_read(name: str) -> None:
    text = HOSTILE[name]
    for typed in (text, f'"memory_id": "{text}"', f"https://x.example/{text}", f"{text} {UUID}"):
        check(typed)


PLAIN = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cf", "Z")) | st.just("-"),
    min_size=1,
    max_size=40,
).filter(lambda text: not set(text) & set("\"'`“”‘’«»‹›()[]{}<>,;&#=:\\%/"))


def check(typed: str) -> None:
    pasted = read_id(typed)
    for text in (pasted.id, *pasted.readings):
        assert text == text.strip()
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in text)
        text.encode()  # the store and the service take it
    assert all(0 < len(text) <= LONGEST_MEMORY_ID for text in pasted.readings)
    assert bool(pasted.kinds) <= bool(pasted.id)
    assert len(set(pasted.kinds)) == len(pasted.kinds)


@given(st.text())
def test_anything_can_be_pasted(typed: str) -> None:
    check(typed)


@given(PLAIN)
def test_an_id_alone_is_itself(text: str) -> None:
    assert read_id(text).id == text
    assert read_id(f"  {text}\r\n").id == text
    assert read_id(f'"{text}",').id == text


@given(PLAIN, st.sampled_from(["user", "agent", "conversation", "memory", "task"]))
def test_an_id_in_json_is_found(text: str, kind: str) -> None:
    line = json.dumps({"code": 0, f"{kind}_id": text}, ensure_ascii=False)
    assert (read_id(line).id, read_id(line).kinds) == (text, (kind,))
    assert (
        read_id(json.dumps({"code": 0, f"{kind}_id": text}, indent=2, ensure_ascii=False)).id
        == text
    )


@given(PLAIN.filter(lambda text: not text.endswith((".", "!"))))
def test_an_id_at_the_end_of_an_address_is_found(text: str) -> None:
    assert read_id(f"https://x.example/users/{quote(text, safe='')}").id == text


@given(st.text(max_size=60), st.booleans())
def test_a_uuid_is_found_among_words(around: str, before: bool) -> None:
    words = " ".join(around.split())
    typed = f"{words} | {UUID}" if before else f"{UUID} | {words}"
    found = read_id(typed)
    assert found.id == UUID or any(mark in around for mark in (":", "=", "://"))
