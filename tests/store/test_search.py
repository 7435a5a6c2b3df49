"""The search index: against a search that looks at every text, and against everything that can go wrong."""

from __future__ import annotations

import fcntl
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memos_admin.store.errors import StoreInterrupted
from memos_admin.store.query import Query
from memos_admin.store.records import SubjectRef
from memos_admin.store.search import checking, filling, index, logs
from memos_admin.store.search.filling import Filling, forget_removed
from memos_admin.store.search.find import Search
from memos_admin.store.search.index import Index, expression, path_beside
from memos_admin.store.search.ranking import ranked
from memos_admin.store.search.tokens import wanted
from memos_admin.store.writer import Writer
from tests.effort import LONG, examples
from tests.hostile import HOSTILE
from tests.store.searching import Filled, fill, found, naively

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")
BOT = SubjectRef("agent", "bot")
SUBJECTS = (ANN, BOB, BOT)


@pytest.fixture
def store(path: Path) -> Iterator[Filled]:
    opened = Filled(path)
    yield opened
    opened.close()


@pytest.fixture
def query(store: Filled) -> Iterator[Query]:
    opened = Query(store.path)
    yield opened
    opened.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards and batches of a few rows, so that little makes many."""
    monkeypatch.setattr(logs, "SHARD", 4)
    monkeypatch.setattr(filling, "BATCH", 2)


def rest(query: Query) -> int:
    return Search(query, wanted("any")).plan.rest


# -- against a naive search -----------------------------------------------------------------------

words = st.sampled_from(
    [
        "tea",
        "Teas",
        "a",
        "family",
        "fam",
        "旅行",
        "旅",
        "我想旅行",
        "是我的",
        "的",
        "茶tea",
        "café",
        "🎉",
        "don't",
        "42",
    ]
)
contents = st.lists(words, min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from([" ", "", ", "]).map(lambda between: between.join(parts))
)
questions = st.one_of(
    words,
    contents,
    contents.map(lambda text: f'"{text}"'),
    contents.map(lambda text: f'tea "{text}'),
    st.sampled_from(
        [
            "te",
            "t",
            "fa 旅",
            "的是",
            "我的是我",
            '"旅 行"',
            "行",
            "想旅",
            "*",
            '"',
            "AND",
            "",
            "Ｔｅａ",
            "cafe",
        ]
    ),
    st.text(max_size=5),
)
whose = st.sampled_from(SUBJECTS)
ids = st.sampled_from("123")
steps = st.one_of(
    st.tuples(st.just("memory"), whose, ids, contents, contents | st.none(), st.lists(contents, max_size=2)),
    st.tuples(st.just("say"), whose, ids, st.lists(contents, min_size=1, max_size=3)),
    st.tuples(st.just("edit"), whose, ids, contents),
    st.tuples(st.just("remove"), whose),
    st.tuples(st.just("remove conversation"), whose, ids),
    st.tuples(st.just("fill"), st.integers(1, 6)),
    st.tuples(st.just("fill"), st.just(1_000)),
    st.tuples(st.just("forget")),
    st.tuples(st.just("put the store back")),
    st.tuples(st.just("search"), questions, whose | st.none()),
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    Writer(path).close()
    return path


@given(st.lists(steps, max_size=25), st.lists(questions, min_size=1, max_size=4))
@settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_everything_that_fits_is_found_and_nothing_else(
    template: Path, tmp_path: Path, small: None, taken: list[tuple[object, ...]], asked: list[str]
) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    store = Filled(Path(shutil.copy(template, tmp_path)))
    query = Query(store.path)

    def compare(text: str, ref: SubjectRef | None) -> None:
        hits = found(query, text, ref)
        assert len(hits) == len(set(hits))
        assert set(hits) == set(naively(query, text, ref))

    try:
        for name, *values in taken:
            if name == "search":
                compare(*values)  # type: ignore[arg-type]
            elif name == "put the store back":
                query.close()
                store.close()
                put_back(store.path, template)
                store, query = Filled(store.path), Query(store.path)
            else:
                take(store, name, *values)
        for text in asked:
            for ref in (None, *SUBJECTS):
                compare(text, ref)
        assert checking.problems(store.path, sample=None) == []
        fill(store.path)
        assert rest(query) == 0
        for text in asked:
            compare(text, None)
        assert checking.problems(store.path, sample=None) == []
    finally:
        query.close()
        store.close()


def take(store: Filled, name: object, *values: Any) -> None:
    """Take one step."""
    match name:
        case "memory":
            ref, memory_id, content, title, tags = values
            store.memory(ref, memory_id, content, title=title, tags=tuple(tags))
        case "say":
            store.say(values[0], values[1], *values[2])
        case "edit":
            store.edit(*values)
        case "remove":
            store.remove(*values)
        case "remove conversation":
            store.remove_conversation(*values)
        case "fill":
            fill(store.path, *values)
        case "forget":
            assert forget_removed(store.path)


def put_back(path: Path, template: Path) -> None:
    """Replace a closed store by what it was when this was done before, at first by an empty one."""
    kept, now = path.with_name("kept.db"), path.with_name("now.db")
    shutil.copy(path, now)
    shutil.copy(kept if kept.exists() else template, path)
    now.rename(kept)


# -- what is found, and in which order ------------------------------------------------------------


@pytest.mark.parametrize("indexed", [False, True])
def test_what_arrived_last_comes_first(store: Filled, query: Query, indexed: bool) -> None:
    store.memory(ANN, "m1", "tea one")
    store.say(ANN, "c1", "tea two", "tea three")
    store.memory(BOB, "m2", "tea four")
    store.memory(BOT, "m1", "tea one")
    store.memory(ANN, "m1", "tea, but later")
    if indexed:
        fill(store.path)
    hits = found(query, "tea")
    assert hits == [
        ("memory", 3), ("memory", 1), ("memory", 2), ("message", 2), ("message", 1)
    ]  # fmt: skip
    assert found(query, "tea", ANN) == [("memory", 1), ("message", 2), ("message", 1)]
    assert found(query, "tea", kinds=["message"]) == [("message", 2), ("message", 1)]
    assert found(query, "one") == []
    assert found(query, "later", BOT) == [("memory", 3)]


def test_relevance_prefers_whole_words_titles_and_short_texts(store: Filled, query: Query) -> None:
    store.memory(ANN, "m1", "tea", title="Tea")
    store.memory(ANN, "m2", f"tea {'and many other words ' * 30}", title="x")
    store.memory(ANN, "m3", "teapots", title="x")
    store.memory(ANN, "m4", "no match", title="x")
    asked = wanted("tea")
    assert [each.pk for each in ranked(asked, Search(query, asked))] == [1, 3, 2]


def test_an_interrupted_search_ends(store: Filled, query: Query) -> None:
    store.say(ANN, "c1", *["tea"] * 2_000)
    hits = iter(Search(query, wanted("tea")))
    next(hits)
    query.interrupt()
    with pytest.raises(StoreInterrupted):
        list(hits)
    assert len(found(query, "tea")) == 2_000


@pytest.mark.parametrize("indexed", [False, True])
def test_a_megabyte_is_searched_like_anything_else(
    store: Filled, query: Query, indexed: bool
) -> None:
    store.say(ANN, "c1", "word " * 200_000 + "needle", "旅行" * 250_000 + "针")
    if indexed:
        fill(store.path)
        assert rest(query) == 0
    assert found(query, "needle") == [("message", 1)]
    assert found(query, "行针") == [("message", 2)]
    assert found(query, "行" * 1_000) == []


SHORT = {name: text for name, text in HOSTILE.items() if len(text) < 2_000}
LENGTHY = {
    name: text if LONG else text[:100_000] for name, text in HOSTILE.items() if name not in SHORT
}


@pytest.mark.parametrize("texts", [SHORT, *({n: t} for n, t in LENGTHY.items())],
                         ids=["short", *LENGTHY])  # fmt: skip
def test_hostile_texts_are_found_by_themselves(
    texts: dict[str, str], store: Filled, query: Query
) -> None:
    for text in texts.values():
        store.say(ANN, "c1", text.replace("\ud83d", "\ufffd").replace("\ude00", "\ufffd"))
    for _ in range(2):
        for text in texts.values():
            for asked in (text, text[:50], f'"{text}"'):
                assert {*found(query, asked)} == {*naively(query, asked)}
        fill(store.path)
    assert rest(query) == 0
    assert checking.problems(store.path, sample=None) == []


@pytest.mark.parametrize(
    "odd",
    ['"', '"tea', "*", "tea*", "^tea", "t:ea", "NEAR(", "AND", "tea OR", "NOT", "-", "{", "\0",
     "\ud800", "'; DROP TABLE shard; --", "\ue000", "\ue0001", "%", "a " * 5_000, "旅" * 10_000,
     "(" * 10_000, "a" * 10_000, '"a" ' * 2_000],
)  # fmt: skip
def test_odd_questions_are_answered(odd: str, store: Filled, query: Query) -> None:
    store.say(ANN, "c1", "tea", "and a near or")
    fill(store.path)
    assert set(found(query, odd)) == set(naively(query, odd))


# -- what can go wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("indexed", [False, True])
def test_what_was_removed_is_neither_found_nor_in_the_file(
    store: Filled, query: Query, indexed: bool
) -> None:
    store.say(ANN, "c1", "xylophone")
    store.memory(ANN, "m1", "quetzalcoatl")
    store.memory(BOB, "m2", "tea")
    fill(store.path)
    assert b"xylophone" in everything_beside(store.path)
    assert b"quetzalcoatl" in everything_beside(store.path)
    store.remove(ANN)
    assert found(query, "xylophone") == found(query, "quetzalcoatl") == []
    assert forget_removed(store.path)
    assert b"xylophone" not in everything_beside(store.path)
    assert b"quetzalcoatl" not in everything_beside(store.path)
    if indexed:
        fill(store.path)
    assert found(query, "tea") == [("memory", 2)]


def test_a_removal_that_nobody_told_the_index_of_is_noticed_when_it_is_filled(
    store: Filled,
) -> None:
    store.say(ANN, "c1", "xylophone")
    fill(store.path)
    store.remove(ANN)
    fill(store.path)
    assert b"xylophone" not in everything_beside(store.path)


def everything_beside(store: Path) -> bytes:
    return b"".join(file.read_bytes() for file in store.parent.glob("search.*"))


def test_keys_that_are_given_again_do_not_confuse(store: Filled, query: Query) -> None:
    store.say(ANN, "c1", "tea", "coffee")
    fill(store.path)
    store.remove_conversation(ANN, "c1")
    store.say(BOB, "c1", "water", "wine")
    assert query.keys("SELECT pk FROM message").tolist() == [1, 2]
    assert found(query, "tea") == []
    assert found(query, "wine") == [("message", 2)]
    fill(store.path)
    assert found(query, "wine", BOB) == [("message", 2)]


def test_keys_in_a_hole_that_are_given_again_are_searched(
    store: Filled, query: Query, small: None
) -> None:
    for conversation, count in (("c1", 5), ("c2", 2), ("c3", 2)):
        store.say(ANN, conversation, *["tea"] * count)
    fill(store.path)
    store.remove_conversation(ANN, "c2")
    fill(store.path)
    store.remove_conversation(ANN, "c3")
    store.say(BOB, "c1", "coffee", "wine")
    assert found(query, "coffee", BOB) == [("message", 6)]
    fill(store.path)
    assert found(query, "wine") == [("message", 7)]


def test_more_removals_than_the_store_remembers(store: Filled, query: Query, small: None) -> None:
    store.say(BOB, "c1", *["tea"] * 9)
    fill(store.path)
    for _ in range(101):
        store.say(ANN, "c1", "coffee")
        store.remove_conversation(ANN, "c1")
    assert rest(query) == 9
    store.say(ANN, "c1", "coffee")
    fill(store.path)
    assert found(query, "coffee") == [("message", 10)]
    assert rest(query) == 0


@pytest.mark.parametrize(
    "damage", ["garbage", "empty", "cut", "middle", "other version", "foreign", "schema"]
)
def test_an_index_that_is_no_good_is_made_anew(store: Filled, query: Query, damage: str) -> None:
    store.say(ANN, "c1", *[f"tea{n} 旅行" for n in range(500)])
    fill(store.path)
    spoil(path_beside(store.path), damage)
    before = store.path.read_bytes()
    assert found(query, "tea77") == [("message", 78)]
    assert len(found(query, "旅行")) == 500
    fill(store.path)
    assert rest(query) == 0
    assert found(query, "tea77") == [("message", 78)]
    assert checking.problems(store.path) == []
    assert store.path.read_bytes() == before


def spoil(path: Path, damage: str) -> None:
    if damage == "garbage":
        path.write_bytes(b"this is no database " * 1_000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "middle":
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    else:
        connection = sqlite3.connect(path)
        if damage == "other version":
            connection.execute("PRAGMA user_version = 7")
        elif damage == "schema":
            connection.execute("DROP TABLE shard")
        else:
            connection.close()
            path.unlink()
            connection = sqlite3.connect(path)
            connection.execute("CREATE TABLE theirs (a)")
        connection.commit()
        connection.close()


def test_a_damaged_index_that_somebody_has_open_is_left_to_them(
    store: Filled, query: Query
) -> None:
    store.say(ANN, "c1", "tea")
    fill(store.path)
    other = Index(path_beside(store.path), read_only=True)
    assert not index.discard(path_beside(store.path))
    other.close()
    assert index.discard(path_beside(store.path))
    assert found(query, "tea") == [("message", 1)]


@pytest.mark.parametrize("deleted", [False, True])
def test_check_waits_for_whoever_makes_or_deletes_the_index(
    store: Filled, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    store.say(ANN, "c1", "tea")
    fill(store.path)
    path = path_beside(store.path)
    monkeypatch.setattr(time, "sleep", looks := Mock())
    with path.with_name("search.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        def at_the_third_look(_seconds: float) -> None:
            if looks.call_count == 3:
                if deleted:
                    path.unlink()
                fcntl.flock(lock, fcntl.LOCK_UN)

        looks.side_effect = at_the_third_look
        assert checking.problems(store.path) == []
    assert looks.call_count == 3
    assert path.exists() != deleted


def test_a_search_waits_for_nobody(store: Filled, query: Query) -> None:
    store.say(ANN, "c1", "tea")
    fill(store.path)
    with path_beside(store.path).with_name("search.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert rest(query) == 1
    assert rest(query) == 0


def test_check_sees_what_is_missing_wrong_and_too_much(store: Filled) -> None:
    store.say(ANN, "c1", "tea", "coffee", "water")
    fill(store.path)
    connection = sqlite3.connect(path_beside(store.path))
    ((shard,),) = connection.execute("SELECT pk FROM shard WHERE log = 'message'").fetchall()
    table = f"docs_{shard}"

    def put(command: str, pk: int, text: str) -> None:
        names, marks = (
            ("rowid, words", "?, ?") if not command else (f"{table}, rowid, words", "?, ?, ?")
        )
        values = (pk, text) if not command else (command, pk, text)
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
        connection.commit()

    put("delete", 2, "\ue0001 \ue000 coffee")
    (problem,) = checking.problems(store.path)
    assert "lacks 1 of 3 texts" in problem
    put("", 2, "\ue0001 \ue000 cocoa")
    (problem,) = checking.problems(store.path)
    assert "lacks words of 1 of 3 texts" in problem
    put("", 4, "\ue0001 \ue000 wine")
    assert any(
        "has 1 texts that the store does not have" in p for p in checking.problems(store.path)
    )
    connection.close()


def test_frequent_characters_are_sought_and_checked_by_their_pairs(store: Filled) -> None:
    """To walk through all places of each of them would take a tenth of a second."""
    assert expression(wanted("了我的是")) == '"\ue001了我 \ue001我的 \ue001的是"'
    assert expression(wanted("了")) == '"了"'
    assert expression(wanted("我的茶")) == '"我 的 茶"'
    store.say(ANN, "c1", "茶是我的，了 不")
    fill(store.path)
    assert checking.problems(store.path) == []
    connection = sqlite3.connect(path_beside(store.path))
    said = "\ue0001 \ue000 茶 是 我 的 了 不"
    ((table,),) = connection.execute("SELECT 'docs_' || pk FROM shard WHERE log = 'message'")
    pairs = "\ue001是我 \ue001我的 \ue001的了 \ue001了不"
    write = f"INSERT INTO {table} ({table}, rowid, words) VALUES ('delete', 1, ?)"
    connection.execute(write, [f"{said} \ue000 {pairs}"])
    connection.execute(f"INSERT INTO {table} (rowid, words) VALUES (1, ?)", [said])
    connection.commit()
    connection.close()
    (problem,) = checking.problems(store.path)
    assert "lacks words of 1 of 1 texts" in problem


def test_files_are_private(store: Filled) -> None:
    store.say(ANN, "c1", "tea")
    with Filling(store.path) as filling_:
        filling_.step()
        files = list(store.path.parent.glob("search.*"))
        assert {file.name for file in files} >= {"search.db", "search.db-wal", "search.lock"}
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


KILLED = """
import sys
from pathlib import Path
from memos_admin.store.search import filling
filling.BATCH = 50
with filling.Filling(Path(sys.argv[1])) as it:
    while it.step():
        print("step", flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 7])
def test_killed_in_the_middle(store: Filled, query: Query, after: int) -> None:
    store.say(ANN, "c1", *[f"tea{n} 旅行" for n in range(2_000)])
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store.path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(after + 1):
        assert process.stdout.readline() == "step\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert 0 < rest(query) < 2_000
    assert len(found(query, "旅行")) == 2_000
    assert found(query, "tea1999") == [("message", 2_000)]
    fill(store.path)
    assert rest(query) == 0
    assert len(found(query, "旅行")) == 2_000
    assert checking.problems(store.path) == []


def test_two_processes_fill_one_index(store: Filled, query: Query) -> None:
    store.say(ANN, "c1", *[f"tea{n}" for n in range(1_000)])
    processes = [
        subprocess.Popen([sys.executable, "-c", KILLED, str(store.path)], stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert rest(query) == 0
    assert len(found(query, "te")) == 1_000
    assert checking.problems(store.path, sample=None) == []


def test_what_is_committed_is_found_while_others_write_fill_and_remove(
    store: Filled, query: Query, small: None
) -> None:
    ended = threading.Event()
    failed: list[BaseException] = []

    def keep_filling() -> None:
        try:
            while not ended.is_set():
                fill(store.path, 3)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=keep_filling)
    thread.start()
    try:
        for number in range(40):
            store.say(ANN, "c1", f"tea {number}")
            store.memory(ANN, "m1", f"coffee {number}")
            assert len(found(query, "tea")) == number + 1
            assert len(found(query, f"coffee {number}", ANN)) == 1
            store.say(BOB, "c1", "wine")
            if number % 3 == 0:
                store.remove(BOB)
                assert found(query, "wine") == []
    finally:
        ended.set()
        thread.join()
    assert failed == []
