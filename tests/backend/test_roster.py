"""The roster: who is known, and how ids come in."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from typing import Any, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend import absent, command_words, jump, roster
from memos_admin.backend.daemon import in_background
from memos_admin.backend.erasing import forgetting
from memos_admin.backend.ids import from_file
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.upkeep import maintenance, turns
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.errors import NotFound
from memos_admin.store.records import Filter, SubjectRef
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")


def ids(workspace: Workspace) -> list[str]:
    reads = workspace.reads
    return [s.ref.external_id for s in reads.subjects(reads.subject_pks(order="name"))]


async def test_adding_is_told_apart_from_knowing(workspace: Workspace) -> None:
    refs = [SubjectRef("user", name) for name in ("ann", " bob ", "ann")]
    assert await roster.add_subjects(workspace, refs) == roster.Added(("ann", "bob"), ())
    again = [SubjectRef("user", "bob"), SubjectRef("agent", "bob")]
    assert await roster.add_subjects(workspace, again) == roster.Added(("bob",), ("bob",))
    assert ids(workspace) == ["ann", "bob", "bob"]


@pytest.mark.parametrize("bad", ["", "  ", "x" * 101, "a\nb", "a\x1b[31m", "\x85", "\ud800"])
async def test_bad_id_adds_nothing(workspace: Workspace, bad: str) -> None:
    with pytest.raises(roster.BadId):
        await roster.add_subjects(workspace, [ANN, SubjectRef("user", bad)])
    assert ids(workspace) == []


async def test_any_other_text_is_an_id(workspace: Workspace) -> None:
    names = ["0610", "用户", "[/]", "../../etc", "a b", "=1+1", "x" * 100, "ü" * 100]
    await roster.add_subjects(workspace, [SubjectRef("user", name) for name in names])
    assert sorted(ids(workspace)) == sorted(names)


async def test_nobody_is_added_while_somebody_is_removed(workspace: Workspace) -> None:
    told = asyncio.Event()

    def on_wait(_what: str) -> None:
        told.set()

    async with turns.turn(workspace, alone=True, on_wait=turns.silently):
        adding = asyncio.create_task(roster.add_subjects(workspace, [ANN], on_wait=on_wait))
        await told.wait()
        assert ids(workspace) == []
    assert (await adding).added == ("ann",)
    told.clear()
    async with turns.turn(workspace, alone=True, on_wait=turns.silently):
        naming = asyncio.create_task(
            roster.add_conversations(workspace, ANN, ["0610"], on_wait=on_wait)
        )
        await told.wait()
        assert not naming.done()
    assert (await naming).added == ("0610",)
    async with turns.turn(workspace, alone=False, on_wait=turns.silently):  # as a sync has
        assert (await roster.add_subjects(workspace, [ANN])).known == ("ann",)


async def test_removing_takes_everything_of_a_subject_and_nothing_of_others(
    workspace: Workspace, service: Service
) -> None:
    for name in ("ann", "bob"):
        service.put(name, a_memory(f"m-{name}", f"secret of {name}"))
        service.say(name, "c1", a_message(f"said by {name}"))
    await roster.add_subjects(workspace, [ANN, SubjectRef("user", "bob")])
    await sync(workspace, SyncScope())

    await roster.remove_subject(workspace, ANN)

    assert ids(workspace) == ["bob"]
    totals = workspace.reads.totals()
    assert (totals.conversations, totals.messages, totals.memories) == (1, 1, 1)
    assert maintenance.check(workspace) == []
    with pytest.raises(absent.NotInRoster, match="users add ann"):
        await roster.remove_subject(workspace, ANN)


async def test_removed_conversation_comes_back_with_its_memory(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", a_message("hello"))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    await roster.remove_conversation(workspace, ANN, "c1")
    assert workspace.reads.conversation(ANN, "c1") is None
    assert len(workspace.reads.memory_pks(Filter(subject=ANN))) == 1
    with pytest.raises(absent.NotInRoster):
        await roster.remove_conversation(workspace, ANN, "c1")

    await sync(workspace, SyncScope(full=True))
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert conversation.messages == 1


async def test_conversation_added_again_by_hand_has_its_memories(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"), a_memory("m2", conversation_id="c2"))
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    await roster.remove_conversation(workspace, ANN, "c1")
    query = Filter(subject=ANN, conversation_id="c1")
    assert len(workspace.reads.memory_pks(query)) == 1
    await roster.add_conversations(workspace, ANN, ["c1", "c3"])
    assert len(workspace.reads.memory_pks(query)) == 1
    conversations = [workspace.reads.conversation(ANN, name) for name in ("c1", "c2", "c3")]
    assert [c.memories for c in conversations if c] == [1, 1, 0]
    assert maintenance.check(workspace) == []


async def test_who_was_erased_is_not_brought_back_by_the_id_of_a_memory(
    workspace: Workspace, service: Service
) -> None:
    service.put("ann", a_memory("m1"))
    service.details["m1"] = replace(a_memory("m1"), user_id="ann")
    await roster.add_subjects(workspace, [ANN])
    await sync(workspace, SyncScope())
    await forgetting.forget(workspace, ANN, silently)
    remote = await workspace.remote()
    with pytest.raises(absent.NotInRoster, match=r"Erased before.*users add ann"):
        await roster.find_by_memory_id(workspace, remote, "m1")
    with pytest.raises(absent.NotInRoster, match="Nothing was read"):
        await jump.ask_memory(workspace, "m1")
    assert ids(workspace) == []
    await roster.add_subjects(workspace, [ANN])
    assert await roster.find_by_memory_id(workspace, remote, "m1") == ANN


async def test_commands_that_are_told_in_other_threads_name_the_project_too(
    workspace: Workspace,
) -> None:
    place = command_words.Place()
    with command_words.told_for(place):
        await workspace.open_writer()
        place.options = "--project p"
        with pytest.raises(absent.NotInRoster, match="memos-admin --project p users add ann"):
            await roster.remove_subject(workspace, ANN)
        assert await in_background(command_words.program) == "memos-admin --project p"
    with pytest.raises(absent.NotInRoster, match="memos-admin users add ann"):
        await roster.remove_subject(workspace, ANN)


async def test_subject_is_found_by_a_memory_id(workspace: Workspace, service: Service) -> None:
    service.details["m1"] = replace(a_memory("m1"), user_id="ann")
    service.details["m2"] = replace(a_memory("m2"), agent_id="bot")
    service.details["m3"] = a_memory("m3")
    remote = await workspace.remote()
    assert await roster.find_by_memory_id(workspace, remote, "m1") == ANN
    assert await roster.find_by_memory_id(workspace, remote, "m2") == SubjectRef("agent", "bot")
    assert await roster.find_by_memory_id(workspace, remote, "m3") is None
    with pytest.raises(NotFound):
        await roster.find_by_memory_id(workspace, remote, "m4")
    assert ids(workspace) == ["ann", "bot"]


def ids_in(file: TextIO) -> list[str]:
    """Return the ids that a file names."""
    return [ref.external_id for ref in from_file.read_subjects(file).refs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann\nbob\n", ["ann", "bob"]),
        ("ann\r\n\r\n bob", ["ann", "bob"]),
        ("\ufeffann\n", ["ann"]),
        ("user_id\nann\n", ["ann"]),
        ("name,user_id\nAnn,ann\nBob,bob\nShort\n", ["ann", "bob"]),
        ('\ufeffname,user_id\n"Ann, the first","a,n"\n', ["a,n"]),
        ("a,b\nc\n", ["a,b", "c"]),
        ("Ann Lee\nBob\nLee, Ann\nLi; Wei\n", ["Ann Lee", "Bob", "Lee, Ann", "Li; Wei"]),
        ("name;user_id\nAnn;ann\nBob;bob\n", ["ann", "bob"]),
        ('user_id\nann\nLee, Ann\n"Li; Wei"\n', ["ann", "Lee, Ann", "Li; Wei"]),
        ("name\tuser_id\nAnn\tann\n", ["ann"]),
        ("\ufeffsep=;\nuser_id;name\nann;Ann\n", ["ann"]),
        ('\ufeff"User ID" ; "Name"\r\n"ann";"Ann; the first"\r\n', ["ann"]),
        ("\r\nname, USER_ID \nAnn, ann \n\n", ["ann"]),
        ('user_id,note\nann,"two\nlines"\nbob,\n', ["ann", "bob"]),
        ("", []),
    ],
)
def test_files_of_ids(text: str, expected: list[str]) -> None:
    assert ids_in(io.StringIO(text, newline="")) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [("ann\n" + "x" * 200, 2), ("user_id\nann\n" + "y" * 101, 3), ("x" * 50_000, 1)],
)
def test_bad_line_of_a_file_is_named(text: str, line: int) -> None:
    with pytest.raises(roster.BadId, match=f"^Line {line}:"):
        ids_in(io.StringIO(text, newline=""))


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("id;name\nann;Ann\nbob;Bob\n", "id, name"),
        ("id\tname\nann\tAnn\n", "id, name"),
        ("id,name\nann,Ann\nodd\nbob,Bob\n", "id, name"),
        ("ann,bob,carl\n", "ann, bob, carl"),
        ("sep=;\nid;name\nann;Ann\n", "id, name"),
    ],
)
def test_a_table_without_the_column_is_no_list_of_ids(text: str, columns: str) -> None:
    with pytest.raises(roster.BadId, match="without a column user_id") as caught:
        ids_in(io.StringIO(text, newline=""))
    assert columns in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("user_id,name\nann,x\nLee, Ann, y\n", 3),
        ('user_id,name\nann,"Ann\nbob,Bob\n', 3),
        ("user_id,name\nann,x\n" + "y" * 1_000_001, 3),
    ],
)
def test_a_row_that_cannot_be_told_is_refused(text: str, line: int) -> None:
    with pytest.raises(roster.BadId, match=f"^Line {line}:"):
        ids_in(io.StringIO(text, newline=""))


PLAIN = st.characters(exclude_categories=["C", "Z"])
IDS = (
    st.text(PLAIN | st.sampled_from(" ,;\"'"), max_size=20)
    .map(str.strip)
    .filter(lambda user: user[:1] not in {"", "[", "{"})  # JSON is taken for no id
)
COLUMNS = st.lists(st.sampled_from(["name", "note", "时间"]), max_size=2)


@given(
    st.lists(IDS, max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["user_id", "\ufeffuser_id", "User ID", " USER_ID ", "User_Id"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.tuples(COLUMNS, COLUMNS),
)
def test_ids_of_a_table_read_back_the_same(
    ids: list[str], delimiter: str, column: str, quoting: Any, around: tuple[list[str], list[str]]
) -> None:
    before, after = around
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
    writer.writerow([*before, column, *after])
    writer.writerows([*before, user, *after] for user in ids)
    file.seek(0)
    assert ids_in(file) == ids


@given(st.lists(IDS, max_size=20))
def test_ids_without_a_delimiter_are_one_a_line(ids: list[str]) -> None:
    plain = [user for user in ids if not any(sign in user for sign in ',;]}"')]
    plain.insert(0, "u1")  # what comes first may be a heading
    assert ids_in(io.StringIO("\n".join(plain), newline="")) == plain


@given(st.text(max_size=200))
def test_any_file_gives_ids_or_a_bad_id(text: str) -> None:
    try:
        found = ids_in(io.StringIO(text, newline=""))
    except roster.BadId:
        return
    assert all(0 < len(name) <= 100 for name in found)


def test_a_file_may_say_who_is_an_agent() -> None:
    lines = from_file.read_subjects(io.StringIO("u1\nagent:bot\n agent: b2 \nagent:\n"))
    assert lines == from_file.Listed(
        (
            SubjectRef("user", "u1"),
            SubjectRef("agent", "bot"),
            SubjectRef("agent", "b2"),
            SubjectRef("user", "agent:"),
        ),
        0,
    )
    table = "Kind,user_id\nAgent,bot\nuser,u1\n,u2\nuser,\n,\n\nagent\n,agent:x\n"
    assert from_file.read_subjects(io.StringIO(table), "agent") == from_file.Listed(
        (
            SubjectRef("agent", "bot"),
            SubjectRef("user", "u1"),
            SubjectRef("agent", "u2"),
            SubjectRef("agent", "agent:x"),
        ),
        2,
    )


@pytest.mark.parametrize(
    "heading", ["id", "ID", "User", "uid", "UserID", '"id"', "用户id", "用户 ID"]
)
def test_a_first_line_that_is_a_heading_is_told_as_such(heading: str) -> None:
    listed = from_file.read_subjects(io.StringIO(f'\n{heading}\r\n\nu1\n"u,2"\nagent:bot\n'))
    refs = (SubjectRef("user", "u1"), SubjectRef("user", "u,2"), SubjectRef("agent", "bot"))
    assert listed == from_file.Listed(refs, 0, heading.strip('"'))


@pytest.mark.parametrize("text", ["id", "id\n\n", "\nuser\n"])
def test_a_word_for_an_id_that_stands_alone_is_one(text: str) -> None:
    assert ids_in(io.StringIO(text)) == [text.strip()]


def test_a_name_for_ids_is_no_column_of_a_table() -> None:
    with pytest.raises(roster.BadId, match="without a column user_id"):
        from_file.read_subjects(io.StringIO("id,name\n1,Ann\n2,Bob\n"))


def test_another_kind_is_refused_with_its_line() -> None:
    with pytest.raises(roster.BadId, match=r"^Line 3: the kind is 'robot'\. It must be user or"):
        from_file.read_subjects(io.StringIO("user_id;kind\nu1;user\nu2;robot\n"))


def test_lines_that_cannot_be_taken_are_counted_and_the_first_told() -> None:
    long = "x" * 101
    text = f"u1\n{long}\nu2\n{long}\n{long}\nu3\n{long}\n"
    with pytest.raises(roster.BadId) as plain:
        from_file.read_subjects(io.StringIO(text))
    told = str(plain.value)
    assert told.startswith("4 lines cannot be taken. Line 2: ")
    assert [f"Line {n}" in told for n in (4, 5, 7)] == [True, True, False]
    assert told.endswith(" …")
    table = f"user_id,kind\nu1,user\nu2,robot\n{long},user\nu3,user,u4\n"
    with pytest.raises(roster.BadId) as rows:
        from_file.read_subjects(io.StringIO(table))
    told = str(rows.value)
    assert told.startswith("3 lines cannot be taken. Line 3: the kind is 'robot'. ")
    assert [f"Line {n}" in told for n in (2, 4, 5)] == [False, True, True]
