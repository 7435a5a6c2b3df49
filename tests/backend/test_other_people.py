"""Conversations of several people: whose words a person's archive hands over, and how it says that."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.backend import roster
from memos_admin.backend.authors import Author, author
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.subject_access.bundle import Order, export, look
from memos_admin.backend.subject_access.bundle_wording import report_lines
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Message, Source
from tests.backend.service import Service, a_memory, a_message

ADA = SubjectRef("user", "ada-1")
BOB = "I am Bob, and Ada owes me 50 euro since May."
TEA = "I like jasmine tea in the morning."
NOTED = "Noted: the trip to Oslo is in June."
BOTH = "We meet at the old harbour on Friday."


def of(text: str, role_id: str | None = None, role_name: str | None = None) -> Message:
    said = a_message(text)
    named = {"role_id": role_id, "role_name": role_name}
    raw = {**said.raw, **{name: value for name, value in named.items() if value}}
    return replace(said, role_id=role_id, role_name=role_name, raw=raw)


def quoting(*texts: str) -> tuple[Source, ...]:
    return tuple(Source("chat", text, "user") for text in texts)


async def read(workspace: Workspace, service: Service) -> None:
    """A conversation of Ada and Bob, of which memories quote one, both, and nobody."""
    service.say(
        "ada-1",
        "c1",
        of(TEA, "ada-1", "Ada"),
        of(BOB, "bob-9", "Bob"),
        a_message(NOTED, "assistant"),
        of(BOTH),
        of(BOTH, "bob-9"),
        of("Hello from Carol.", None, "Carol"),
    )
    service.put(
        "ada-1",
        a_memory("m-bob", "Owes 50 euro.", sources=quoting(BOB)),
        a_memory("m-two", "Tea and debts.", sources=quoting(TEA, BOB, "Said to nobody at all.")),
        a_memory("m-tea", "Likes tea.", sources=quoting(TEA)),
        a_memory("m-lost", "Flies.", sources=quoting("I fly to the moon on Monday.")),
        a_memory("m-trip", "Oslo.", sources=(Source("chat", NOTED, "assistant"),)),
        a_memory("m-both", "Harbour.", sources=quoting(BOTH)),
    )
    await roster.add_subjects(workspace, [ADA])
    await sync(workspace, SyncScope(full=True))


def exported(workspace: Workspace, path: Path) -> dict[str, str]:
    export(workspace, Order(ADA, "DSR-5"), path)
    with zipfile.ZipFile(path) as archive:
        return {
            name: archive.read(name).decode("utf-8-sig", "replace") for name in archive.namelist()
        }


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("role", "role_id", "role_name", "found"),
    [
        ("user", None, None, "user"),
        ("user", "", "", "user"),
        ("user", "ada-1", "Whoever", "user"),
        ("user", None, "ada-1", "user"),
        ("user", "bob-9", None, "another person"),
        ("user", "bob-9", "ada-1", "another person"),
        ("user", None, "Carol", "by name only"),
        ("assistant", "bob-9", "Bob", "assistant"),
        ("tool", None, None, "tool"),
        ("developer", None, None, "other"),
    ],
)
def test_who_wrote_a_message(
    role: str, role_id: str | None, role_name: str | None, found: Author
) -> None:
    assert author(role, role_id, role_name, "ada-1") == found


async def test_words_are_quoted_as_those_of_whoever_wrote_the_message(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await read(workspace, service)
    files = exported(workspace, tmp_path / "ada.zip")
    memories = files["your-data.md"].split("## Memories: ")[1].split("\n#### ")
    labels = {}
    for one in memories[1:]:
        name = next(
            m for m in ("m-bob", "m-two", "m-tea", "m-lost", "m-trip", "m-both") if m in one
        )
        labels[name] = [
            line.split(":")[0].strip("-* ") for line in one.splitlines() if "Quoted" in line
        ]
    assert labels == {
        "m-bob": ["Quoted from another person"],
        "m-two": [
            "Quoted as yours",
            "Quoted from another person",
            "Quoted by MemOS as a user's words; whose is not certain",
        ],
        "m-tea": ["Quoted as yours"],
        "m-lost": ["Quoted by MemOS as a user's words; whose is not certain"],
        "m-trip": ["Quoted as the assistant's"],
        "m-both": ["Quoted from you or another person"],
    }
    assert "message 2 of conversation 1 in this document, which another person wrote" in memories[1]
    assert {row["memory_id"]: row["came_from"] for row in rows(files["memories.csv"])} == {
        "m-bob": "another person",
        "m-two": "message; another person; not found",
        "m-tea": "message",
        "m-lost": "not found",
        "m-trip": "message",
        "m-both": "message; another person",
    }


async def test_what_came_from_other_people_is_counted_and_warned_of(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await read(workspace, service)
    files = exported(workspace, tmp_path / "ada.zip")
    counts = json.loads(files["manifest.json"])["counts"]
    assert counts["messages_by_role"] == {"assistant": 1, "user": 5}
    names = "messages_of_the_person", "messages_of_other_people", "messages_with_a_name_only"
    assert [counts[name] for name in names] == [2, 2, 1]
    assert counts["memories_from_messages_of_other_people"] == 3
    assert counts["memories_from_messages_of_other_users"] == 0
    document = files["your-data.md"]
    assert "2 messages are marked as yours" in document
    assert "1 message has a name and no id: whether it is yours is not known." in document
    assert document.count("#### You (") == 2
    assert document.count("#### Another person (") == 2
    assert document.count("#### You, or another person of this name (") == 1
    assert "**Name:** `Carol`" in document
    report = export(workspace, Order(ADA, "DSR-5"), tmp_path / "again.zip")
    told = "".join(part.text for line in report_lines(report) for part in line)
    assert "3 memories in it came from messages here that other people wrote" in told
    assert "1 message in it has a name and no id" in told
    assert look(workspace, ADA).counts == report.counts


async def test_tables_say_who_wrote_each_message(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    await read(workspace, service)
    files = exported(workspace, tmp_path / "ada.zip")
    who = [
        ("ada-1", "Ada"),
        ("bob-9", "Bob"),
        ("", ""),
        ("", ""),
        ("bob-9", ""),
        ("", "Carol"),
    ]
    assert [(row["role_id"], row["role_name"]) for row in rows(files["messages.csv"])] == who
    with zipfile.ZipFile(tmp_path / "ada.zip") as archive:
        book = load_workbook(io.BytesIO(archive.read("data.xlsx")))
    header, *cells = book["Messages"].iter_rows(values_only=True)
    places = [header.index(name) for name in ("role_id", "role_name")]
    assert [tuple(row[place] or "" for place in places) for row in cells] == who
    explained = json.loads(files["manifest.json"])["columns"]["messages.csv"]
    assert "another person" in explained["role_id"]
    assert "no role_id" in explained["role_name"]


async def test_a_point_of_view_is_told_as_a_mark_of_memos_beside_who_wrote_the_source(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    service.say("ada-1", "c1", of(TEA, "ada-1"), of(BOB, "bob-9"))
    marked = "[user perspective] The user owes 50 euro."
    service.put("ada-1", a_memory("m-bob", marked, sources=quoting(BOB)))
    await roster.add_subjects(workspace, [ADA])
    await sync(workspace, SyncScope(full=True))
    text = exported(workspace, tmp_path / "ada.zip")["your-data.md"]
    assert "which another person wrote" in text
    assert "the user's perspective: MemOS marks it as what you said or did" in text


async def test_the_archive_of_an_agent_calls_nothing_yours(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    agent = SubjectRef("agent", "ops-1")
    doing = "Nightly review of the tickets."
    service.say(
        "ops-1", "run", a_message(TEA), of(BOB, "bob-9", "Bob"), a_message(doing, "assistant")
    )
    inferred = "[assistant perspective] The user drinks tea."
    service.put("ops-1", a_memory("m-tea", inferred, sources=quoting(TEA)), kind="agent")
    await roster.add_subjects(workspace, [agent])
    await roster.add_conversations(workspace, agent, ["run"])
    await sync(workspace, SyncScope(full=True))
    report = export(workspace, Order(agent, "AG-5"), tmp_path / "ops.zip")
    with zipfile.ZipFile(tmp_path / "ops.zip") as archive:
        text, page, manifest = (
            archive.read(name).decode()
            for name in ("your-data.md", "your-data.html", "manifest.json")
        )
    for document in (text, page):
        ours = document.split("</style>")[-1].replace("your-data", "").replace("gave you", "")
        assert re.findall(r"\b(?:you|your|yours)\b", ours, re.IGNORECASE) == []
        assert document.count("A person") == 2
        assert "The agent (a machine)" in document
        assert "Quoted from another person" in document
        assert "2 messages were written by people." in document
    counts = json.loads(manifest)["counts"]
    assert counts["messages_of_the_person"] == 0
    assert counts["messages_of_other_people"] == 2
    assert counts["memories_from_messages_of_other_people"] == 1
    told = "\n".join(str(line) for line in report_lines(report))
    assert "2 messages of other people" in told
    assert "is for whoever asked" in told


async def test_documents_say_how_sure_memos_is_and_when_it_changed_a_message(
    workspace: Workspace, service: Service, tmp_path: Path
) -> None:
    edited = replace(of(TEA, "ada-1"), create_time="1757923200000", update_time="1758009600000")
    service.say("ada-1", "c1", edited, of(BOB, "ada-1"))
    service.put("ada-1", a_memory("m-tea", "Likes tea.", sources=quoting(TEA), confidence=0.62))
    await roster.add_subjects(workspace, [ADA])
    await sync(workspace, SyncScope(full=True))
    talks, memories = exported(workspace, tmp_path / "ada.zip")["your-data.md"].split(
        "## Memories: "
    )
    assert "* **Confidence:** how sure MemOS says that it is: 0.62 of 1" in memories
    assert talks.count("* **Last changed on:** 2025-09-16 08:00 UTC") == 1
