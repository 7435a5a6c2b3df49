"""What each rule finds and what it leaves, in English and Chinese; what holds for any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.evidence.dates import told_from_today
from memos_admin.backend.evidence.numerals import may_count, numbers
from memos_admin.backend.evidence.persons import named
from memos_admin.backend.home import Home
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.keyed import differ
from memos_admin.backend.hygiene.kinds import RULES, TOPICS
from memos_admin.backend.hygiene.pairs import LATEST, Candidates, overlap, text_of
from memos_admin.backend.hygiene.rules import DESCRIBED
from memos_admin.backend.hygiene.sensitive import sensitive
from memos_admin.backend.hygiene.settings import HygieneSettings, of_home, of_table
from memos_admin.backend.hygiene.stale import stale
from memos_admin.backend.hygiene.topics import told
from memos_admin.backend.hygiene.wording import KIND_WORDS, kinds, reason
from memos_admin.backend.model import MemorySource
from memos_admin.backend.projects import Projects
from memos_admin.backend.provenance.quotes import lowered, word_set, words
from tests.hostile import HOSTILE
from tests.hygiene.labelled import NOW, Labelled, memory_of
from tests.hygiene.measure import findings

_DAY = 86_400_000


def found_among(*texts: str, settings: HygieneSettings | None = None) -> list[Finding]:
    """Return what is found about memories of one user that say these texts, one after the other."""
    source = (MemorySource("chat", "user", None, None, None),)
    some = [Labelled(memory_of(pk, text), source, frozenset()) for pk, text in enumerate(texts, 1)]
    return findings(some, settings)


@pytest.mark.parametrize(
    ("text", "days", "words"),
    [
        ("The user meets Paul next Tuesday.", 91, "next Tuesday"),
        ("The user meets Paul next Tuesday.", 90, None),
        ("用户上周二去了医院。", 100, "上周二"),
        ("用户后天出发。", 100, "后天"),
        ("The exam is in three weeks.", 100, "in three weeks"),
        ("It snowed; the user knows nothing now.", 100, None),
        ("The user runs every week, next week too.", 100, "next week"),
        ("The user reads every day and again tomorrow.", 100, "tomorrow"),
        ("用户每周二下午打球。", 100, None),
        ("On Friday next week, 6 February 2026, the user flies.", 100, None),
    ],
)
def test_days_told_from_a_day_that_is_long_ago(text: str, days: int, words: str | None) -> None:
    hit = stale(text, NOW - days * _DAY, NOW, 90)
    assert (None if hit is None else hit.parts[0]) == words


@pytest.mark.parametrize(
    ("earlier", "later", "rule", "kind"),
    [
        ("The user's rent is 900 euros.", "The user's rent is 950 euros.", "contradiction", "number"),
        ("The user can swim.", "The user can't swim.", "contradiction", "negation"),
        ("用户喜欢吃香菜。", "用户不喜欢吃香菜。", "contradiction", "negation"),
        ("home.city: Madrid", "home.city: Lisbon", "contradiction", "key"),
        ("home.city: Madrid", "The user's home city is now Lisbon.", "contradiction", "key"),
        ("user.shoe_size: 42", "Shoe size: 43", "contradiction", "key"),
        ("work.company: Siemens\nfood.likes: tea", "- work.company: Bosch", "contradiction", "key"),
        ("The user's favorite color is blue.", "favouriteColour: green", "contradiction", "key"),
        ("Birthday: 3 May 1984", "The user's birthday is 4 May.", "contradiction", "key"),
        ("Birthday: 03.07.1984", "The user's birthday is 4 July.", "contradiction", "key"),
        ("用户的城市是马德里。", "城市：里斯本", "contradiction", "key"),
        (
            "The user said: “The user's home city is Madrid.”",
            "The user said: “The user's home city is Lisbon now.”",
            "contradiction",
            "key",
        ),
        ("User says, ‘My home city is Madrid.’", "home.city: Lisbon", "contradiction", "key"),
        ("用户说：“用户的城市是北京。”", "用户说：“我的城市是上海。”", "contradiction", "key"),
        ("The guide said: “My home city is Madrid.”", "home.city: Lisbon", None, None),
        ("最喜欢的颜色：蓝色", "用户最喜欢的颜色是绿色。", "contradiction", "key"),
        ("likes: tea", "likes: coffee", None, None),
        ("languages: German", "languages: Swedish", None, None),
        ("home.city: Madrid", "home.city: Madrid, Spain", None, None),
        ("home.city: Madrid, Lisbon", "home.city: Paris", None, None),
        ("home.city: Madrid", "home.city: not Lisbon", None, None),
        ("home.city: Madrid", "work.city: Lisbon", None, None),
        ("home.city: München", "home.city: Muenchen", None, None),
        ("home.city: 北京", "home.city: Beijing", None, None),
        ("home.country: UK", "home.country: United Kingdom", None, None),
        ("height: 180 cm", "height: 1.8 m", None, None),
        ("Birthday: 3 May 1984", "birthday: 1984-05-03", None, None),
        ("Birthday: 03.07.1984", "birthday: 3 July 1984", None, None),
        ("The rent of the user is 1.900 euros.", "The user's rent is 1,900 euros.", None, None),
        ("The film takes 2 hours in all.", "The film takes 120 minutes in all.", None, None),
        ("children.son.age: 4", "children.son.age: 2", None, None),
        ("The user's diet is hard.", "The user's diet is expensive.", None, None),
        ("A doctor. Name: Weber. City: Ulm.", "A doctor. Name: Klein. City: Bonn.", None, None),
        ("公司：西门子", "公司：一家小企业", None, None),
        ("城市：深圳", "城市：深圳市", None, None),
        ("The user has 3 black cats at home.", "The user has 3 black cats at her home.", "duplicate", ""),
        ("The user's sister likes opera.", "The user does not like opera.", None, None),
        ("Order W-8821 costs 40 euros.", "Order W-9017 costs 55 euros.", None, None),
        ("The user likes red wine.", "The user likes red shoes.", None, None),
    ],
)  # fmt: skip
def test_pairs(earlier: str, later: str, rule: str | None, kind: str | None) -> None:
    found = found_among(earlier, later)
    assert [(one.rule, one.hit.kind) for one in found] == ([(rule, kind)] if rule else [])
    for one in found:
        assert one.memory_pk == 2
        assert one.other is not None
        assert one.other.memory_id == "m1"


@pytest.mark.parametrize(
    ("other", "is_another"),
    [("7 March 1984", False), ("3 July 1984", False), ("4 July 1984", True), ("3 July 1985", True)],
)
def test_a_date_that_can_be_read_in_two_ways_is_another_one_only_in_both(
    other: str, *, is_another: bool
) -> None:
    assert differ("03/07/1984", other) is is_another
    assert differ(other, "03/07/1984") is is_another


def test_a_profile_is_compared_with_what_else_is_said_of_its_keys() -> None:
    profile = memory_of(1, "home.city: Madrid\nFull name: Ann Lee\nCompany: Bosch", view="profile")
    preference = memory_of(2, "home.city: Lisbon", view="preference")
    fact = memory_of(3, "Company: Siemens")
    some = [Labelled(one, (), frozenset({})) for one in (profile, preference, fact)]
    found = [one for one in findings(some) if one.rule == "contradiction"]
    assert [(one.memory_pk, one.other and one.other.memory_pk) for one in found] == [(2, 1), (3, 1)]
    assert reason(found[0]) == (
        "It says “home.city: Lisbon”, an earlier memory says “home.city: Madrid”: another value of the same key."
    )


def test_another_value_in_the_same_words_is_no_duplicate() -> None:
    text = "Walls, doors and windows of the new house are settled. user.favourite_colour: "
    texts = [f"{text}{colour}" for colour in ("ochre", "blue")]
    assert [one.rule for one in found_among(*texts)] == ["contradiction"]


def test_an_other_persons_data_is_named_by_its_kind_and_not_quoted() -> None:
    (found,) = found_among("The user's brother can be reached at karim.h@example.org.")
    assert (found.rule, found.hit.kind) == ("other-person", "e-mail")
    assert "karim" not in reason(found)


def test_topics_can_be_switched_off() -> None:
    assert sensitive("The user owes the bank money.", TOPICS) is not None
    assert sensitive("The user owes the bank money.", frozenset(TOPICS) - {"finance"}) is None


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_can_be_switched_off_and_is_described(rule: str) -> None:
    assert all(DESCRIBED[rule])  # type: ignore[index]
    texts = ("The user has diabetes.", "The user's wife has asthma.", "The user has no asthma.")
    settings = HygieneSettings(rules=tuple(one for one in RULES if one != rule))
    assert rule not in {one.rule for one in found_among(*texts, *texts, settings=settings)}


@given(st.lists(st.text("ab 12用户不是花生。.,!", max_size=40), max_size=12))
def test_any_texts_are_looked_at_alike_each_time_and_every_finding_has_a_reason(
    texts: list[str],
) -> None:
    found = found_among(*texts)
    assert found == found_among(*texts)
    for one in found:
        assert reason(one)
        assert kinds(one.hit.kind) or not one.hit.kind
        if one.other is not None:  # the other one was there before, and a rule names one other only
            assert one.other.memory_pk < one.memory_pk
    assert len({(one.rule, one.memory_pk) for one in found}) == len(found)


@given(st.text(min_size=20, alphabet="abcdefgh 花生过敏"), st.integers(2, 6))
def test_a_text_that_is_told_again_is_a_duplicate_of_the_latest_one(text: str, times: int) -> None:
    found = [one for one in found_among(*[text] * times) if one.rule == "duplicate"]
    if text_of(memory_of(1, text)).parts:
        assert [(one.memory_pk, one.other and one.other.memory_pk) for one in found] == [
            (pk, pk - 1) for pk in range(2, times + 1)
        ]


@pytest.mark.parametrize(
    "text",
    [
        "The user said: “My shoe size is {}, and my hat is green.”",
        'The user said: "My shoe size is {}. My hat is green."',
        "“My shoe size is {}”",
        "My “shoe” size is {} and I said so",
    ],
)
def test_a_part_of_a_quotation_is_quoted_once(text: str) -> None:
    (found,) = (
        one for one in found_among(text.format(43), text.format(44)) if one.rule == "contradiction"
    )
    said = reason(found)
    assert said.count("“") == said.count("”")
    assert not {"““", "””", '“"', '"”'} & {said[at : at + 2] for at in range(len(said))}


def test_hostile_texts() -> None:
    for one in found_among(*HOSTILE, *HOSTILE):
        assert reason(one)


def test_a_memory_is_compared_with_a_bounded_number_of_others() -> None:
    texts = [text_of(memory_of(pk, "The user collects copper kettles.")) for pk in range(300)]
    candidates = Candidates(texts)
    assert max(len(list(candidates.before(text))) for text in texts) == LATEST


def test_every_topic_and_kind_has_a_word() -> None:
    assert set(TOPICS) <= KIND_WORDS.keys()
    assert {one.topic for one in told("diabetes 癌症 salary 月薪")} == {"health", "finance"}


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('of = ["duplicate"]', "hygiene.of"),
        ('off = ["duplicates"]', "hygiene.off"),
        ("stale_days = 0", "hygiene.stale_days"),
        ("alike = true", "hygiene.alike"),
        ("confidence = 2", "hygiene.confidence"),
        ('topics_off = ["money"]', "hygiene.topics_off"),
    ],
)
def test_a_faulty_configuration_is_told_with_line_and_key(
    tmp_path: Path, lines: str, key: str
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.config_path.write_text(f"# mine\n[hygiene]\n{lines}\n")
    home.config_path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        of_home(home)
    assert (caught.value.line, caught.value.key) == (3, key)
    with pytest.raises(ConfigError) as caught:
        Projects(home).list()
    assert (caught.value.line, caught.value.key) == (3, key)


def test_the_configuration_says_which_rules_look() -> None:
    said = {"off": ["no-source"], "topics_off": ["finance"], "stale_days": 30, "confidence": 1}
    found = of_table(Table(Path("config.toml"), "", {"hygiene": said}))
    assert found == HygieneSettings(
        tuple(one for one in RULES if one != "no-source"), frozenset(TOPICS) - {"finance"}, 30, 1.0
    )


@pytest.mark.parametrize("text", ["My SISTER has ASTHMA, İ think.", "MY SISTER İ HAS ASTHMA"])
def test_capital_letters_are_no_other_words(text: str) -> None:
    (hit,) = told(text)
    assert (hit.topic, text[hit.start : hit.end]) == ("health", "ASTHMA")
    assert [text[slice(*span)] for span in named(text)] == ["SISTER"]
    ((start, end),) = told_from_today(f"İİ {text} NEXT Tuesday")
    assert f"İİ {text} NEXT Tuesday"[start:end] == "NEXT Tuesday"


@given(
    st.text(st.sampled_from("İabı3½五半 one two Hundred.,k万"), max_size=30) | st.text(max_size=30)
)
def test_where_no_sign_of_a_number_stands_there_is_none(text: str) -> None:
    assert may_count(text) or not list(numbers(text))


@given(st.text(max_size=40))
def test_small_letters_stand_where_the_others_stood(text: str) -> None:
    small = lowered(text)
    assert len(small) == len(text)
    assert lowered(small) == small


@given(st.text(st.sampled_from("teas cat's 茶叶我 3-é’"), max_size=40))
def test_the_words_of_a_text_are_the_same_without_their_places(text: str) -> None:
    assert word_set(text) == {word for word, _, _ in words(text)}


@given(
    st.lists(st.lists(st.sampled_from(["tea", "cat", "bus", "rye", "ink"]), max_size=6), max_size=8)
)
def test_what_shares_half_of_its_words_is_compared(spoken: list[list[str]]) -> None:
    """Of few texts all that may be compared are, each pair of clauses once, the latest first."""
    texts = [text_of(memory_of(pk, ", ".join(said) or "x")) for pk, said in enumerate(spoken, 1)]
    candidates = Candidates(texts)
    for number, text in enumerate(texts):
        pairs = [(id(theirs), id(mine)) for _, theirs, mine in candidates.before(text)]
        due = {
            (id(theirs), id(mine))
            for earlier in texts[:number]
            for theirs in earlier.parts
            for mine in text.parts
            if overlap(theirs.words, mine.words) >= 0.5
        }
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == due
