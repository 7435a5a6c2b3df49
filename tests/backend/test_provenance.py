"""Which messages a memory came from."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.model import MemorySource, Message, NamedSource
from memos_admin.backend.provenance import (
    Link,
    Linker,
    derived,
    derived_first,
    derived_in,
    link_sources,
    nearest,
)
from memos_admin.backend.provenance.quotes import REACH, joined_spans, locate, normal
from memos_admin.store.streams import PlainMessage
from tests.backend.stored import stored_message as message

SEED = [
    "I want to travel during the summer vacation, can you recommend something?",
    "Sure! Are you traveling alone, with family or with friends?",
    "I’m bringing my kid. My family always travels together.",
    "Got it, so you're traveling with your children as a family, right?",
]
ROLES = ("user", "assistant")


def quote(
    text: str | None, role: str | None = None, time: str | None = None, id_: str | None = None
) -> MemorySource:
    return MemorySource(kind="chat", role=role, excerpt=text, message_id=id_, time=time)


def chat(*texts: str) -> list[Message]:
    return [message(n, text, ROLES[(n - 1) % 2]) for n, text in enumerate(texts, 1)]


def matching(link: Link, messages: list[Message]) -> list[str]:
    content = next(m.content for m in messages if m.pk == link.message_pk)
    return [content[start:end] for start, end in link.spans]


def test_a_quote_of_a_whole_message_links_to_it() -> None:
    messages = chat(*SEED)
    [link] = link_sources([quote(SEED[0])], messages)
    assert link == Link(1, "quoted text", ((0, len(SEED[0])),))


def test_a_quoted_part_is_marked_where_it_stands() -> None:
    messages = chat(*SEED)
    [link] = link_sources([quote("travels together")], messages)
    assert link.message_pk == 3
    assert matching(link, messages) == ["travels together"]


@pytest.mark.parametrize(
    ("excerpt", "content", "marked"),
    [
        ("I'm bringing my kid.", SEED[2], "I’m bringing my kid."),
        ("bringing  my\nkid", SEED[2], "bringing my kid"),
        ('he said "no way" twice', "And he said “no way” twice!", "he said “no way” twice"),
        ("price 100 - 200", "The price １００ － ２００ yen", "price １００ － ２００"),
        ("我对花生过敏", "请记住：我对\u200b花生过敏，谢谢", "我对\u200b花生过敏"),
        (normalize("NFD", "the café Élan"), "At the café Élan, at six", "the café Élan"),
        ("the café Élan", normalize("NFD", "At the café Élan!"), normalize("NFD", "the café Élan")),
        ("wait for the ... end", "Then wait for the … end.", "wait for the … end"),
    ],
)
def test_quotes_may_differ_in_spaces_widths_and_marks(
    excerpt: str, content: str, marked: str
) -> None:
    messages = chat("something else entirely", content)
    [link] = link_sources([quote(excerpt)], messages)
    assert link.message_pk == 2
    assert link.how == "quoted text"
    assert matching(link, messages) == [marked]


def test_an_exact_quote_is_better_than_a_loose_one() -> None:
    messages = chat("I'm fine", "I’m fine")
    assert [link.message_pk for link in link_sources([quote("I’m fine")], messages)] == [2]


@pytest.mark.parametrize("mark", ["…", "...", " ..."])
def test_a_cut_quote_is_found_by_its_beginning(mark: str) -> None:
    messages = chat(*SEED)
    [link] = link_sources([quote("I want to travel during" + mark)], messages)
    assert link.message_pk == 1
    assert matching(link, messages) == ["I want to travel during"]


def test_a_quote_of_several_messages_links_to_each() -> None:
    messages = chat(*SEED)
    text = f"user: {SEED[0]}\nassistant: [2025-06-10 09:30:00]: {SEED[1]}"
    assert [link.message_pk for link in link_sources([quote(text)], messages)] == [1, 2]


def test_all_of_several_equal_messages_are_returned() -> None:
    messages = chat("yes please", "which one?", "yes please")
    assert [link.message_pk for link in link_sources([quote("yes please")], messages)] == [1, 3]


def test_role_and_time_tell_equal_messages_apart() -> None:
    messages = [
        message(1, "yes please", "user", "2025-06-10 09:30:00"),
        message(2, "yes please", "assistant", "2025-06-10 09:31:00"),
        message(3, "yes please", "user", "2025-06-10 09:32:00"),
    ]

    def linked(source: MemorySource) -> list[int]:
        return [link.message_pk for link in link_sources([source], messages)]

    assert linked(quote("yes please", role="assistant")) == [2]
    assert linked(quote("yes please", role="user")) == [1, 3]
    assert linked(quote("yes please", time="2025-06-10T09:32:00")) == [3]
    assert linked(quote("yes please", role="user", time="2025-06-10 09:31:00")) == [1, 3]
    assert linked(quote("yes please", role="tool")) == [1, 2, 3]


def test_short_quotes_link_only_to_a_message_that_says_no_more() -> None:
    messages = chat("I booked the room", "ok", "it is a book", "好的", "我觉得好的")
    assert [link.message_pk for link in link_sources([quote("ok")], messages)] == [2]
    assert link_sources([quote("book")], messages) == []
    assert [link.message_pk for link in link_sources([quote("好的")], messages)] == [4]


def test_a_quote_does_not_begin_or_end_within_a_word() -> None:
    assert link_sources([quote("art is")], chat("start is here")) == []


def test_nothing_given_and_nothing_found_link_to_nothing() -> None:
    messages = chat(*SEED)
    assert link_sources([], messages) == []
    assert link_sources([quote(None), quote(""), quote("   "), quote("…")], messages) == []
    assert link_sources([quote("words that nobody said")], messages) == []
    assert link_sources([quote(SEED[0])], []) == []


def test_an_id_is_surer_than_a_quote() -> None:
    messages = chat(*SEED)
    ids = {1: "a", 2: "b"}
    links = link_sources([quote(SEED[0], id_="b"), quote(SEED[2], id_="gone")], messages, ids)
    assert links == [Link(2, "message id", ()), Link(3, "quoted text", ((0, len(SEED[2])),))]
    [link] = link_sources([quote("summer vacation", id_="a")], messages, ids)
    assert link.how == "message id"
    assert matching(link, messages) == ["summer vacation"]


def test_two_sources_in_one_message_are_one_link() -> None:
    messages = chat(*SEED)
    [link] = link_sources([quote("summer vacation"), quote("the summer")], messages)
    assert matching(link, messages) == ["the summer vacation"]


def test_derived_memories_are_told_by_message() -> None:
    messages = chat(*SEED)
    memories = [
        ("trip", [quote(SEED[0]), quote("summer vacation")]),
        ("none", [quote("nothing of the kind")]),
        ("kid", [quote(SEED[2]), quote(SEED[0])]),
    ]
    assert derived(messages, memories) == {1: ["trip", "kid"], 3: ["kid"]}


def test_batches_give_the_same_links_as_all_at_once() -> None:
    messages = chat(*SEED, *SEED, "I'm bringing my kid. Now")
    sources = [
        ("a", quote(SEED[0])),
        ("b", quote("I'm bringing my kid.")),
        ("b", quote("travels together")),
        ("c", quote("no")),
    ]
    at_once = Linker(sources)
    at_once.look(messages)
    in_batches = Linker(sources)
    for start in range(0, len(messages), 2):
        in_batches.look(messages[start : start + 2])
    assert in_batches.links() == at_once.links()
    linked = {
        pk: [
            owner
            for owner, links in at_once.links().items()
            if pk in {one.message_pk for one in links}
        ]
        for pk in (3, 5)
    }
    assert linked == {3: ["b"], 5: ["a"]}


@given(st.text(alphabet="abe\u0301é ’“\u200b１…好ﬁ\n", max_size=30), st.data())
def test_located_spans_have_the_normal_form_that_was_found(
    content: str, data: st.DataObject
) -> None:
    form = normal(content)
    if not form:
        return
    start = data.draw(st.integers(0, len(form) - 1))
    end = data.draw(st.integers(start + 1, len(form)))
    first, last = locate(content, start, end)
    assert 0 <= first < last <= len(content)
    assert form[start:end] in normal(content[first:last])


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)).map(lambda p: (p[0], sum(p)))))
def test_joined_spans_cover_the_same_places_once(spans: list[tuple[int, int]]) -> None:
    found = joined_spans(spans)
    assert {n for a, b in spans for n in range(a, b)} == {n for a, b in found for n in range(a, b)}
    assert all(first[1] < second[0] for first, second in itertools.pairwise(found))


@given(
    st.lists(st.text(alphabet="ab …“’好", max_size=12), max_size=6),
    st.lists(st.text(alphabet="ab …“’好", max_size=8), max_size=4),
)
def test_every_link_is_to_a_message_that_says_the_words(said: list[str], quoted: list[str]) -> None:
    messages = chat(*said)
    for link in link_sources([quote(text) for text in quoted], messages):
        assert matching(link, messages)
        assert all(matching(link, messages))


TEXTS = st.text(alphabet="ab …“’好", max_size=12)
QUOTES = st.lists(st.lists(st.text(alphabet="ab …“’好", max_size=8), max_size=2), max_size=4)


@given(st.lists(st.tuples(st.lists(TEXTS, max_size=8), QUOTES), max_size=3), st.integers(1, 3))
def test_what_is_derived_in_conversations_together_is_what_each_source_links_to(
    talks: list[tuple[list[str], list[list[str]]]], size: int
) -> None:
    messages: dict[int, list[Message]] = {}
    sources: list[NamedSource] = []
    expected: dict[int, list[str]] = {}
    pks = itertools.count(1)
    for talk, (said, memories) in enumerate(talks):
        messages[talk] = [message(next(pks), text, ROLES[n % 2]) for n, text in enumerate(said)]
        for n, quotes in enumerate(memories):
            named = [quote(text) for text in quotes]
            sources += [NamedSource(talk, f"m{n}", *source[1:]) for source in named]
            for link in link_sources(named, messages[talk]):
                expected.setdefault(link.message_pk, []).append(f"m{n}")

    def search(linker: Linker[str], talk: int, pks: Sequence[int] | None) -> None:
        seen = [one for one in messages[talk] if pks is None or one.pk in pks]
        for start in range(0, len(seen), size):
            linker.look(seen[start : start + size])

    rows = [(talk, one.pk, one.content) for talk, some in messages.items() for one in some]
    assert derived_in(rows, sources, search) == expected


WORDS = [
    "I am alpha ",
    "alpha ",
    "alphabet",
    "gamma. ",
    "你好世界吗",
    "世",
    "“x”",
    '"x"',
    "\u0301",
    " ",
    "…",
    "user: ",
    "\n",
    "ａ",
]
PHRASES = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
SAID = st.tuples(PHRASES, st.sampled_from(ROLES), st.sampled_from([None, "2025-06-10 09:30:00"]))
FROM = st.tuples(
    st.one_of(st.none(), PHRASES, st.integers(0, 7)),
    st.sampled_from([None, *ROLES]),
    st.sampled_from([None, "2025-06-10 09:30:00"]),
    st.sampled_from([None, None, None, "id 1", "id 9"]),
)


@given(
    st.lists(SAID, min_size=1, max_size=8),
    st.lists(st.lists(FROM, min_size=1, max_size=2), max_size=5),
    st.integers(1, 4),
    st.booleans(),
)
def test_what_is_told_of_the_first_messages_is_what_all_of_them_tell(
    said: list[tuple[str, str, str | None]],
    memories: list[list[tuple[str | int | None, str | None, str | None, str | None]]],
    count: int,
    has_ids: bool,
) -> None:
    messages = [PlainMessage(n, n, role, text, time) for n, (text, role, time) in enumerate(said)]
    ids = {1: "id 1"} if has_ids else {}
    sources: list[NamedSource] = []
    expected: dict[int, list[str]] = {}
    for n, given_ in enumerate(memories):
        named = [
            quote(said[text % len(said)][0] if isinstance(text, int) else text, *more)
            for text, *more in given_
        ]
        sources += [NamedSource(0, f"m{n}", *source[1:]) for source in named]
        for link in link_sources(named, messages, ids):
            expected.setdefault(link.message_pk, []).append(f"m{n}")
    first = messages[:count]
    found = derived_first(
        first,
        sources,
        lambda texts: [one for one in messages if one.content.strip() in texts],
        {pk: name for pk, name in ids.items() if pk < count},
    )
    if found is not None:
        assert found == {one.pk: expected[one.pk] for one in first if one.pk in expected}


@pytest.mark.parametrize(
    ("quoted", "told"),
    [
        (quote("I like tea"), {1: ["m"]}),
        (quote(" I like tea\n", role="user"), {1: ["m"]}),
        (quote("Yes"), {2: ["m"]}),
        (quote("Yes", role="user"), {}),  # said later on, by the right one
        (quote("green tea"), {}),
        (quote("like tea"), None),  # a part, of which nobody says all
        (quote("I  like tea"), None),
        (quote("I like…"), None),
        (quote("user: I like tea"), None),
        (quote("words that nobody said"), {}),
        (quote("你好世界你好世界，没有人说过"), {}),
        (quote(None, id_="of another"), {}),
        (quote(None, id_="first"), None),
        (quote("I like tea", id_="of another"), None),
    ],
)
def test_the_first_messages_are_told_of_wherever_the_others_need_not_be_read(
    quoted: MemorySource, told: dict[int, list[str]] | None
) -> None:
    talk = [("I like tea", 0), ("Yes", 1), ("What else?", 0), ("Yes", 0), ("I like green tea", 0)]
    messages = [PlainMessage(n, n, ROLES[of], text, None) for n, (text, of) in enumerate(talk, 1)]
    source = NamedSource(0, "m", *quoted[1:])

    def saying(texts: Sequence[str]) -> list[PlainMessage]:
        return [one for one in messages if one.content in texts]

    assert derived_first(messages[:2], [source], saying, {1: "first"}) == told


def test_a_quote_in_a_message_of_a_million_characters_is_found() -> None:
    long = "x" * (REACH - 100) + " she said “we leave at noon” " + "东" * 1_000_000
    messages = chat("short", long)
    [link] = link_sources([quote('she said "we leave at noon"')], messages)
    assert matching(link, messages) == ["she said “we leave at noon”"]
    [link] = link_sources([quote("东" * 900_000)], messages)
    assert link.message_pk == 2


# Nearest words


def test_the_nearest_message_is_a_guess_that_marks_the_shared_words() -> None:
    messages = chat(*SEED)
    link = nearest("[user perspective] The user plans to travel in the summer vacation.", messages)
    assert link is not None
    assert (link.message_pk, link.how) == (1, "overlap")
    assert matching(link, messages) == ["travel", "summer", "vacation"]


def test_chinese_words_are_found_without_spaces() -> None:
    messages = chat("今天天气很好", "我对花生过敏，不能吃花生酱", "好的，我记住了")
    link = nearest("【用户视角】用户对花生过敏", messages)
    assert link is not None
    assert link.message_pk == 2
    assert "花生过敏" in matching(link, messages)[0]


def test_a_number_is_a_word_as_a_whole() -> None:
    messages = chat("The cellar has 2,300 crates until 9:45", "Nice!")
    link = nearest("2,100 crates in the cellar until 9:15", messages)
    assert link is not None
    assert matching(link, messages) == ["cellar", "crates", "until"]


def test_perspective_marks_and_common_words_do_not_count() -> None:
    messages = chat("What is the user perspective of this?", "The assistant said that it would")
    assert nearest("[user perspective] The user likes climbing in Yosemite", messages) is None


@pytest.mark.parametrize("text", ["", "   ", "the of and", "[user perspective]", "!!! ???"])
def test_a_memory_without_words_is_near_to_nothing(text: str) -> None:
    assert nearest(text, chat(*SEED)) is None


def test_unrelated_messages_are_not_near() -> None:
    messages = chat("My printer is broken again", "Have you tried turning it off and on?")
    assert nearest("The user is allergic to peanuts and carries an inhaler", messages) is None
    assert nearest("anything at all", []) is None


def test_of_equally_near_messages_the_first_is_taken() -> None:
    messages = chat("I moved to Lisbon in May", "Nice!", "I moved to Lisbon in May")
    link = nearest("Moved to Lisbon", messages)
    assert link is not None
    assert link.message_pk == 1


def test_a_shorter_message_with_the_same_words_is_nearer() -> None:
    rambling = "Lisbon moved " + " ".join(f"word{n}" for n in range(200))
    link = nearest("Moved to Lisbon", chat(rambling, "We moved to Lisbon"))
    assert link is not None
    assert link.message_pk == 2


def test_long_messages_are_looked_at_only_so_far() -> None:
    link = nearest("Moved to Lisbon", chat("a " * 600_000 + "moved Lisbon", "I moved to Lisbon"))
    assert link is not None
    assert link.message_pk == 2
