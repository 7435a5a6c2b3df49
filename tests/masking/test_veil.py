"""The display gate while a veil is drawn: masks, cuts, other names for users, what is revealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from memos_admin.backend import display
from memos_admin.backend.excerpt import Excerpt
from memos_admin.backend.history.worddiff import Part, marked, word_diff
from memos_admin.backend.home import Home
from memos_admin.backend.masking.pseudonyms import key_of, pseudonym
from memos_admin.backend.masking.veil import Veil
from memos_admin.backend.model import Memory, SubjectRef
from memos_admin.cli import mask
from memos_admin.tui.rows.main import title_of
from tests.effort import examples
from tests.masking.canaries import FILLING, JOINED, TEXT

KEY = b"k" * 32


@pytest.fixture
def veil() -> Iterator[Veil]:
    drawn = Veil(KEY)
    display.draw(drawn)
    yield drawn
    display.draw(None)


def test_without_a_veil_all_is_shown() -> None:
    assert display.printable("li.wei@acme.cn") == "li.wei@acme.cn"
    assert display.called(SubjectRef("user", "li.wei@acme.cn")) == "li.wei@acme.cn"


def test_a_mask_says_what_it_was_and_how_long(veil: Veil) -> None:
    assert display.printable("write li@a.cn") == "write [e-mail *]"
    assert display.printable("write li.wei@acme.cn") == "write [e-mail **]"
    assert display.one_line("打13812345678", 40) == "打[phone **]"


@pytest.mark.usefixtures("veil")
@given(st.integers(1, 60), st.integers(0, 60))
def test_a_cut_line_shows_nothing_of_what_it_cuts(cells: int, before: int) -> None:
    display.draw(Veil(KEY))
    line = display.one_line("x " * (before // 2) + "anna.keller@example.org and more", cells)
    assert cell_len(line) <= cells
    assert "anna" not in line


@given(
    st.lists(st.sampled_from(JOINED + FILLING), max_size=12).map("".join),
    st.integers(0, 1_500),
    st.integers(0, 200),
)
def test_no_cut_of_any_text_shows_a_part_of_what_is_masked_in_it(
    text: str, start: int, size: int
) -> None:
    veil = Veil(KEY)
    display.draw(veil)
    try:
        start, whole = min(start, len(text)), display.masked(text)
        personal = {
            value[at : at + 3]
            for value in veil.values([text])
            for at in range(len(value) - 2)
            if value[at : at + 3] not in whole  # what was not known for personal is elsewhere
        }
        for shown in (
            display.one_line(text, size),
            display.both_ends(text, size),
            display.beginning(text, start),
            display.cut_before(text[:start]),
            Excerpt.of(text, start, start + size).shown,
        ):
            assert [part for part in personal if part in shown] == []
    finally:
        display.draw(None)


LENGTHS = st.sampled_from([20, 200, 990, 1_010, 1_100, 2_100])


@st.composite
def long_keys(draw: st.DrawFn) -> str:
    """Keys of any length, known for keys by what may stand far away from any part of them."""
    letters = Random(draw(st.integers(0, 99)))

    def some(length: int) -> str:
        return "".join(
            letters.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789", k=length)
        )

    form = draw(st.sampled_from(["token", "api", "lines"]))
    if form == "token":
        return "eyJ" + ".".join(some(draw(LENGTHS)) for _ in range(3))
    if form == "api":
        return "mpg-" + some(15) + "7" + some(draw(LENGTHS))
    broken = draw(st.sampled_from(["\n", "\r\n", "\\n", " "]))
    lines = [some(64) for _ in range(draw(st.sampled_from([1, 12, 38, 45, 100])))]
    return broken.join(
        ("-----BEGIN PRIVATE KEY-----", *lines, some(30), "-----END PRIVATE KEY-----")
    )


@settings(max_examples=examples(40))
@given(long_keys(), st.integers(0, 1_500), st.integers(0, 7_500), st.integers(0, 200))
def test_no_cut_shows_a_part_of_a_key_however_long_it_is(
    key: str, before: int, start: int, size: int
) -> None:
    text = "so! " * (before // 4) + key + " oh!" * 300
    parts = {key[at : at + 8] for at in range(len(key) - 7)}
    parts = {part for part in parts if part.isalnum()}
    display.draw(Veil(KEY))
    try:
        for shown in (
            display.masked(text),
            display.one_line(text, size),
            display.both_ends(text, size),
            display.both_ends(key, size),
            display.beginning(text, start),
            display.cut_before(text[:start]),
            Excerpt.of(text, start, start + size).shown,
        ):
            assert parts.isdisjoint(shown[at : at + 8] for at in range(len(shown) - 7))
    finally:
        display.draw(None)


@pytest.mark.usefixtures("veil")
def test_a_text_stands_behind_a_private_key_as_it_is() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
    assert display.masked(f"{key}\nThanks for the key.") == "[secret ****]\nThanks for the key."


@pytest.mark.usefixtures("veil")
def test_a_very_long_text_is_looked_at_where_it_is_shown() -> None:
    text = "https://a.cn/?token=" + "x" * 1_000_000
    assert display.one_line(text, 40) == "https://a.cn/?token=[secret ****]…"


def test_users_have_other_names_when_that_is_asked_for() -> None:
    veil = Veil(KEY, names=True)
    name = veil.name("memos_user_123", "user")
    assert name == pseudonym(KEY, "user", "memos_user_123")
    assert name.startswith("user-")
    assert veil.name("memos_user_123", "user") == name
    assert veil.covered("memos_user_123 is gone").text == f"{name} is gone"
    assert veil.covered(f"{name} is gone").text == f"{name} is gone"


def test_an_id_that_says_who_it_is_always_has_another_name(veil: Veil) -> None:
    assert display.called(SubjectRef("user", "memos_user_123")) == "memos_user_123"
    name = display.called(SubjectRef("user", "li.wei@acme.cn"))
    assert name == pseudonym(KEY, "user", "li.wei@acme.cn")
    assert display.printable("of li.wei@acme.cn") == f"of {name}"
    assert veil.covered("of wang@acme.cn").text == "of [e-mail **]"


def test_who_has_another_name_is_known_by_it() -> None:
    veil = Veil(KEY, names=True)
    veil.meet([("user", "memos_user_123"), ("agent", "memos_user_123")])
    for kind in ("user", "agent"):
        name = pseudonym(KEY, kind, "memos_user_123")
        assert veil.id_of(name, kind) == "memos_user_123"
    assert veil.id_of(name, "user") == name, "an agent's"
    assert veil.id_of("user-aaaaaaa", "user") == "user-aaaaaaa"
    assert veil.id_of("memos_user_123", "user") == "memos_user_123"


def test_ids_that_are_words_stay_in_texts() -> None:
    veil = Veil(KEY, names=True)
    assert veil.name("travel", "user") != "travel"
    assert veil.name("王", "user") != "王"
    for text in ("travel in summer", "c-travel", "国王的旅行"):
        assert veil.covered(text).text == text


def test_a_user_and_an_agent_of_one_id_have_a_name_each_whoever_is_met_first() -> None:
    for kinds in (("user", "agent"), ("agent", "user")):
        veil = Veil(KEY, names=True)
        names = {kind: veil.name("both_0610", kind) for kind in kinds}
        assert names == {kind: pseudonym(KEY, kind, "both_0610") for kind in kinds}
        assert veil.name_of_id("both_0610") == names["user"]
        assert veil.covered("of both_0610.").text == f"of {names['user']}."
        assert veil.renamed(["both_0610", "other"]) == {"both_0610"}
    veil = Veil(KEY, names=True)
    veil.name("agent_7", "agent")
    assert veil.name_of_id("agent_7") == pseudonym(KEY, "agent", "agent_7")


@pytest.mark.parametrize(
    "text",
    [
        "user:{}",
        "--user={}",
        "https://a.cn/x?uid={}&b=1",
        "{}/c1",
        "@{}",
        "acme-{}.csv",
        "用户{}的旅行",
        "c-{}",
        "see {}",
        "({})",
        "{}, {}",
        "x_{}",
        "{}_backup",
    ],
)
@pytest.mark.parametrize(
    "one",
    [
        *("memos_user_123", "u-88120", "Li Wei 7", "客户007", "li.wei/2"),
        *("王小明", "王明", "王·明", "小明1", "さくら", "김민수"),
    ],
)
def test_an_id_is_replaced_wherever_it_stands_alone_in_a_text(text: str, one: str) -> None:
    veil = Veil(KEY, names=True)
    name = veil.name(one, "user")
    assert veil.covered(text.format(one, one)).text == text.format(name, name)


@pytest.mark.parametrize(
    "text",
    [
        "xmemos_user_123",
        "memos_user_1234",
        "on 2025-06-10 at 20:25",
        "1.2025",
        "12025",
        "a 7b",
        "b2c is short",
    ],
)
def test_what_goes_on_as_a_word_or_number_is_no_id(text: str) -> None:
    veil = Veil(KEY, names=True)
    for one in ("memos_user_123", "2025", "0610", "b2c", "7"):
        veil.name(one, "user")
    assert veil.covered(text).text == text


def test_of_ids_within_each_other_the_longest_is_replaced() -> None:
    veil = Veil(KEY, names=True)
    names = {one: veil.name(one, "user") for one in ("user_123", "user_123-a", "user_123-a b")}
    text = "user_123-a b, user_123-a, user_123-ab"
    expected = f"{names['user_123-a b']}, {names['user_123-a']}, {names['user_123']}-ab"
    assert veil.covered(text).text == expected


def test_what_is_revealed_is_shown_until_something_else_is(veil: Veil) -> None:
    text = "li.wei@acme.cn and 13812345678"
    veil.reveal(veil.values(["mail li.wei@acme.cn"]))
    assert display.printable(text) == "li.wei@acme.cn and [phone **]"
    veil.reveal(frozenset())
    assert display.printable(text) == "[e-mail **] and [phone **]"


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    key = key_of(home)
    assert key_of(home) == key
    assert len(key) == 32
    assert home.pseudonyms_path.stat().st_mode & 0o777 == 0o600
    assert key_of(Home(tmp_path / "other")) != key


def test_a_home_that_is_thrown_away_keeps_no_key(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", throwaway=True)
    key_of(home)
    assert not home.path.exists()


def test_a_damaged_key_is_made_anew(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    key_of(home)
    home.pseudonyms_path.write_bytes(b"short")
    assert len(key_of(home)) == 32


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_two_ids_have_one_name(one: str, other: str) -> None:
    assert (pseudonym(KEY, "user", one) == pseudonym(KEY, "user", other)) == (one == other)


@pytest.mark.usefixtures("veil")
def test_what_differs_shows_no_half_of_anything() -> None:
    before, after = "mail anna.keller@example.org now", "mail anna.keller@sample.org now"
    assert word_diff(before, after) == [
        Part("same", "mail "),
        Part("gone", "[e-mail ***]"),
        Part("new", "[e-mail ***]"),
        Part("same", " now"),
    ]
    said = word_diff("the password: hunter22", "the password: hunter33")
    assert "".join(map(marked, said)) == "the password: [-[secret *]-]{+[secret *]+}"
    assert word_diff(before, before) == [Part("same", "mail [e-mail ***] now")]


@given(st.integers(0, len(TEXT)), st.sampled_from(["", " and", "@", "9"]))
def test_whatever_is_put_into_a_text_what_is_masked_in_one_of_both_is_masked_where_they_differ(
    place: int, put: str
) -> None:
    veil = Veil(KEY)
    display.draw(veil)
    try:
        after = TEXT[:place] + put + TEXT[place:]
        parts = word_diff(TEXT, after)
        before, now = (
            "".join(part.text for part in parts if part.kind != kind) for kind in ("new", "gone")
        )
        assert (before, now) == (veil.beside(TEXT, [after]).text, veil.beside(after, [TEXT]).text)
    finally:
        display.draw(None)


def test_whoever_is_met_is_named_in_no_text_any_more_also_where_it_was_masked_before() -> None:
    veil = Veil(KEY, names=True)
    text = "of u-88120 and agent_7"
    assert veil.covered(text).text == text
    subjects = [("user", "u-88120"), ("agent", "agent_7")]
    assert veil.meet(subjects)
    names = [pseudonym(KEY, kind, one) for kind, one in subjects]
    assert veil.covered(text).text == f"of {names[0]} and {names[1]}"
    assert not veil.meet(subjects)
    veil = Veil(KEY)
    assert not veil.meet(subjects)
    assert veil.meet([("user", "13800138000")])
    assert veil.covered("my id 13800138000").text == f"my id {veil.name('13800138000', 'user')}"


def a_memory(title: str, content: str) -> Memory:
    nothing = dict.fromkeys(Memory._fields)
    given = {**nothing, "ref": SubjectRef("user", "u"), "title": title, "content": content}
    return Memory(**{**given, "dropped": False})  # type: ignore[arg-type]


CODED = "The door code is 482913."


@pytest.mark.parametrize("other", ["482913 opens it.", "门 482913", "482913", CODED + " 482913!"])
def test_a_code_that_only_one_of_two_compared_texts_calls_so_is_shown_by_none(
    veil: Veil, other: str
) -> None:
    for texts in ((CODED, other), (other, CODED)):
        assert "482913" not in "".join(map(marked, word_diff(*texts)))
    assert "14829137" in display.titled("14829137 and 4829", CODED)
    assert "4829" in display.titled("14829137 and 4829", CODED)


def test_a_title_that_is_a_bare_code_is_masked_as_in_the_text_below_it(veil: Veil) -> None:
    memory = a_memory("482913", CODED)
    mask = display.masked(CODED).removeprefix("The door code is ").removesuffix(".")
    assert mask.startswith("[secret ")
    assert display.titled("482913", CODED) == mask
    assert title_of(memory) == mask
    assert display.titled("482913", "Bus 482913 is late") == "482913"
    assert display.titled("", CODED) == ""
    veil.reveal(frozenset({"482913"}))
    assert title_of(memory) == "482913"


def test_without_a_veil_a_title_is_as_it_is() -> None:
    assert display.titled("482913", CODED) == "482913"


def test_a_row_and_a_table_mask_a_title_by_its_content(tmp_path: Path) -> None:
    home = Home(tmp_path)
    asked = mask.Mask(home, names=False)
    try:
        row = asked.value("", {"title": "482913", "content": CODED, "memory_id": "m"})
    finally:
        asked.lift()
    assert "482913" not in str(row)
    assert row["memory_id"] == "m"
