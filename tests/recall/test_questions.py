"""Files with questions: what they say, hostile ones refused with their place, questions added."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend.config import ConfigError
from memos_admin.backend.display import safe
from memos_admin.backend.recall import questions, writing
from memos_admin.backend.recall.parameters import Parameters
from memos_admin.backend.recall.questions import Expectation, Saved
from tests.hostile import HOSTILE

WHOLE = """\
# what the assistant is to know
[sent]
relativity = 0.3
memory_limit_number = 6

[[question]]
name = "allergy"
user = "maria"
ask = "Who has the allergy?"
conversation = "c1"
sent = { memory_limit_number = 3 }
must_contain = [
    { memory = "m1", within = 2 },
    { words = ["sister", "is  allergic"] },
]
must_not_contain = [{ words = "user is allergic", view = "preference" }]

[[question]]
user = "li"
ask = "Where?"
must_not_contain = [{ memory = "m2" }]
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "recall.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_what_a_file_says(tmp_path: Path) -> None:
    first, second = questions.read(written(tmp_path, WHOLE))
    assert first == Saved(
        "allergy",
        "maria",
        "Who has the allergy?",
        "c1",
        Parameters(relativity=0.3, memory_limit_number=3),
        (
            Expectation(must=True, memory_id="m1", within=2),
            Expectation(must=True, words=("sister", "is allergic")),
            Expectation(must=False, words=("user is allergic",), view="preference"),
        ),
    )
    assert (second.name, second.conversation_id) == ("Where?", None)
    asked = second.question(Parameters(relativity=0.9, include_skill=True)).parameters
    assert asked == Parameters(relativity=0.3, memory_limit_number=6, include_skill=True)


QUESTION = '[[question]]\nuser = "u"\nask = "x"\n'
MUST = 'must_contain = [{ memory = "m" }]\n'


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("[[questions]]\n", "line 1: questions: ", "unknown"),
        ("question = 3\n", "line 1: question: ", "must be a list of tables"),
        ("[question]\n", "line 1: question: ", "must be a list of tables"),
        (QUESTION, "line 1: question.1: ", "expects nothing"),
        (QUESTION + MUST + "\n" + QUESTION + MUST, "line 8: question.2.ask: ", "another question"),
        ('[[question]]\nuser = "u"\n' + MUST, "line 1: question.1: ", "ask is missing"),
        ('[[question]]\nask = "u"\n' + MUST, "line 1: question.1: ", "user is missing"),
        (QUESTION + 'must_contain = "m"\n', "line 4: question.1.must_contain: ", "list of tables"),
        (
            QUESTION + "must_contain = [{}]\n",
            "line 4: question.1.must_contain.1: ",
            "a memory or words",
        ),
        (
            QUESTION
            + 'must_contain = [\n  { memory = "m" },\n  { memory = "m", words = "w" },\n]\n',
            "line 4: question.1.must_contain.2: ",
            "one of them",
        ),
        (
            QUESTION + 'must_contain = [{ memory = "m", within = 26 }]\n',
            "question.1.must_contain.1.within: ",
            "from 1 to 25",
        ),
        (
            QUESTION + 'must_contain = [{ memory = "m", within = true }]\n',
            "question.1.must_contain.1.within: ",
            "from 1 to 25",
        ),
        (
            QUESTION + 'must_contain = [{ words = "w", view = "fact" }]\n',
            "question.1.must_contain.1.view: ",
            "is no view",
        ),
        (
            QUESTION + "must_contain = [{ words = [] }]\n",
            "question.1.must_contain.1.words: ",
            "must be a text",
        ),
        (
            QUESTION + "must_contain = [{ words = 3 }]\n",
            "question.1.must_contain.1.words: ",
            "list of strings",
        ),
        ("[sent]\nrelativity = 3\n", "line 2: sent.relativity: ", "from 0 (off) to 1"),
        ("[sent]\nquery = 'x'\n", "line 2: sent.query: ", "unknown"),
        (QUESTION + "sent = { tea = 1 }\n" + MUST, "question.1.sent.tea: ", "unknown"),
        ("[[question]]\nuser = ''\nask = 'x'\n" + MUST, "line 2: question.1.user: ", "from 1 to"),
        ("a = \n", "line 1: ", "not TOML"),
        (b"\xff", "line 1: ", "not UTF-8"),
        ("x = " + "[" * 5000, "line 1: ", "nesting too deep"),
        ("#" * 1_000_001, "recall.toml: ", "is larger than"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_its_place(
    tmp_path: Path, text: str | bytes, place: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        questions.read(written(tmp_path, text))
    assert place in str(caught.value)
    assert problem in str(caught.value)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(ConfigError, match="is no file with questions"):
            questions.read(path)


def test_a_long_hostile_file_is_refused_at_once(tmp_path: Path) -> None:
    text = "".join(f"a{n} = {n}\n" for n in range(60_000))
    with pytest.raises(ConfigError, match="unknown"):
        questions.read(written(tmp_path, text))


@given(st.binary(max_size=200) | st.text("[]{}\"'=.#\n\\ua1", max_size=100).map(str.encode))
@example(b"question = [1]")
@example(b"question = [{must_contain = [{}]}]")
def test_whatever_the_bytes_are_they_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("q"), content)
    try:
        questions.read(path)
    except ConfigError as error:
        told = str(error)
    else:
        told = f"{path}: it is read"
    assert told.startswith(f"{path}")


EXPECTED = st.lists(
    st.builds(
        lambda must, text, is_id, view, within: Expectation(
            must, text if is_id else None, () if is_id else (text,), view, within
        ),
        st.booleans(),
        st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1, max_size=8),
        st.booleans(),
        st.none() | st.just("skill"),
        st.none() | st.integers(1, 25),
    ),
    min_size=1,
    max_size=4,
)


@given(EXPECTED, st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip))
def test_what_is_added_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, expected: list[Expectation], text: str
) -> None:
    if not text:
        return
    ordered = tuple(sorted(expected, key=lambda one: not one.must))
    saved = Saved("added", "u", text, None, Parameters(relativity=0.25), ordered)
    path = written(
        tmp_path_factory.mktemp("q"), WHOLE.replace("[sent]\nrelativity = 0.3", "[sent]")
    )
    assert writing.add(path, saved) == 3
    found = questions.read(path)[-1]
    assert found.expected == ordered
    assert (found.text, found.sent.relativity) == (text, 0.25)
    assert path.read_text().startswith("# what the assistant is to know\n")


def test_a_file_is_made_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    must = (Expectation(must=True, memory_id="m"),)
    before = os.umask(0)
    try:
        assert writing.add(path, Saved("one", "u", "x", expected=must)) == 1
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert writing.add(path, Saved("two", "u", "x", expected=must)) == 2
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(ConfigError, match="another question"):
        writing.add(path, Saved("two", "u", "x", expected=must))
    assert [one.name for one in questions.read(path)] == ["one", "two"]
    assert [each.name for each in tmp_path.iterdir()] == ["new.toml"]


@pytest.mark.parametrize("text", [t for t in HOSTILE.values() if t.strip()], ids=ascii)
def test_hostile_texts_are_written_as_they_are_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recall.toml"
    saved = Saved("h", text[:100], text[:4000], expected=(Expectation(must=True, memory_id="m"),))
    try:
        writing.add(path, saved)
    except (ConfigError, UnicodeEncodeError):
        assert not path.exists()
        return
    assert questions.read(path)[0].text == text[:4000].strip()


def test_a_digest_is_another_as_soon_as_anything_is() -> None:
    must = (Expectation(must=True, memory_id="m"),)
    one = Saved("a", "u", "x", expected=must)
    others: list[Any] = [
        Saved("a", "v", "x", expected=must),
        Saved("a", "u", "y", expected=must),
        Saved("a", "u", "x", "c", expected=must),
        Saved("a", "u", "x", sent=Parameters(relativity=0), expected=must),
        Saved("a", "u", "x", expected=(Expectation(must=False, memory_id="m"),)),
    ]
    digests = {each.digest(Parameters()) for each in (one, *others)}
    assert len(digests) == 6
    assert Saved("b", "u", "x", expected=must).digest(Parameters()) == one.digest(Parameters())
    assert one.digest(Parameters(relativity=0.1)) not in digests


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "recall.md").read_text()
    _before, block = text.split("```toml questions\n")
    found = questions.read(written(tmp_path, block.partition("```")[0]))
    assert len(found) == 2
    assert tomlkit.parse(block.partition("```")[0])


EDITED = """\
# ours
[[question]]
name = "allergy"   # asked often
user = "maria"
ask = "Who has the allergy?"
must_contain = [
    { memory = "m1", within = 2 },  # the first one
    { words = ["sister", "allergic"] },
]

[[question]]
user = "li"
ask = "Where?"
[question.sent]
relativity = 0.2
[[question.must_not_contain]]
memory = "m2"
[[question.must_not_contain]]
words = "home"
"""
M1 = Expectation(must=True, memory_id="m1", within=2)
SISTER = Expectation(must=True, words=("sister", "allergic"))
M2 = Expectation(must=False, memory_id="m2")
HOME = Expectation(must=False, words=("home",))
MORE = Expectation(must=True, words=("tea", 'and "milk"'), view="preference", within=3)
LESS = Expectation(must=False, memory_id="m9")


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "expected",
    [
        [M1],
        [SISTER],
        [M1, MORE],
        [MORE, SISTER, LESS],
        [LESS],
        [M2, MORE],
        [HOME],
        [LESS, HOME],
        [M2, HOME, LESS, M1],
        [M1, SISTER, M1],
    ],
)
def test_what_is_expected_is_changed_and_all_else_stays(
    tmp_path: Path, number: int, expected: list[Expectation]
) -> None:
    path = written(tmp_path, EDITED)
    before = questions.read(path)
    now = writing.expect(path, before[number], expected)
    assert set(now.expected) == set(expected)
    after = questions.read(path)
    assert after[number] == now
    assert after[1 - number] == before[1 - number]
    text = path.read_text()
    assert text.startswith('# ours\n[[question]]\nname = "allergy"   # asked often\n')
    if number == 1 or M1 in expected:
        assert '{ memory = "m1", within = 2 },  # the first one' in text


def test_what_is_expected_is_not_written_over_what_somebody_else_wrote(tmp_path: Path) -> None:
    path = written(tmp_path, EDITED)
    first, _second = questions.read(path)
    path.write_text(EDITED.replace("within = 2", "within = 5"))
    with pytest.raises(ConfigError, match="Read the file again"):
        writing.expect(path, first, [SISTER])
    assert "within = 5" in path.read_text()
    (first, _second) = questions.read(path)
    with pytest.raises(ConfigError, match="expects nothing"):
        writing.expect(path, first, [])
    assert questions.read(path)[0] == first


@pytest.mark.parametrize("one", [M1, SISTER, M2, HOME, MORE, LESS])
def test_an_expectation_is_typed_as_it_stands_in_a_file(one: Expectation) -> None:
    assert questions.parse_expectation(writing.typed(one), must=one.must) == one


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_expectation_is_typed_so_that_it_can_be_shown(text: str) -> None:
    words = " ".join(text[:500].encode(errors="replace").decode().split())
    if not words:
        return
    one = Expectation(must=True, words=(words,))
    said = writing.typed(one)
    assert safe(said) == said
    assert questions.parse_expectation(said, must=True) == one


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "must have a memory or words, one of them."),
        ('memory = "m", within = 99', "within: must be a number from 1 to 25."),
        ('words = "tea", view = "feelings"', "view: is no view"),
        ('memory = "m", words = "tea"', "must have a memory or words, one of them."),
        ('wrods = "tea"', "wrods: unknown. Known here: memory, view, within, words."),
        ("tea", "not TOML"),
        ('words = "tea"}\n[x', "not TOML"),
        ('words = "tea"}\nother = {a = 1', "other: unknown."),
    ],
)
def test_what_is_typed_and_is_no_expectation_is_refused(said: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        questions.parse_expectation(said, must=True)
