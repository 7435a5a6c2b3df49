"""Bundles: everything of a person in one archive, in every form the same, whole or not there."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import signal
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from sqlalchemy import Connection

from memos_admin.backend import journal
from memos_admin.backend.config import ConfigError
from memos_admin.backend.export.csv_format import CsvFormat
from memos_admin.backend.export.exporting import ExportStopped
from memos_admin.backend.export.exporting import export as export_scope
from memos_admin.backend.export.scope import MemoriesScope, SubjectScope
from memos_admin.backend.export.xlsx_format import fitted
from memos_admin.backend.history.memories import absences
from memos_admin.backend.ledger import ledger
from memos_admin.backend.ledger.words import kept
from memos_admin.backend.model import Filter, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.subject_access import bundle
from memos_admin.backend.subject_access import remembered as remembered_of
from memos_admin.backend.subject_access.bundle import BundleReport, Changed, Order, export
from memos_admin.backend.subject_access.bundle_wording import report_lines
from memos_admin.backend.subject_access.document import NAMES
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.naming import suggest
from memos_admin.backend.subject_access.page import Said
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import now_ms, utc_text
from memos_admin.backend.verdicts.giving import Judgement, give, withdraw
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Memory, Source
from memos_admin.cloud.errors import CloudError
from memos_admin.language import LANGUAGES, written_in
from memos_admin.store import runs
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory, a_message
from tests.hostile import HOSTILE

ANN = SubjectRef("user", "ann")
ORDER = Order(ANN, "DSR-17")
# A lone surrogate has become U+FFFD in the store.
SHORT = {
    name: text
    for name, text in HOSTILE.items()
    if 0 < len(text) < 2_000 and name != "lone surrogates"
}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def within(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ran(*command: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, check=False, capture_output=True)


async def read(workspace: Workspace) -> None:
    assert (await sync(workspace, SyncScope((ANN,), full=True))).complete


async def hostile(workspace: Workspace, service: Service) -> None:
    """What strangers can say: messages, and memories of which some said something else before."""
    texts = list(SHORT.values())
    for number, start in enumerate(range(0, len(texts), 40)):
        some = [
            a_message(text, "user" if n % 2 else "assistant")
            for n, text in enumerate(texts[start : start + 40])
        ]
        service.say("ann", f"c{number}", *some)
    service.put("ann", *(remembered(n, text) for n, text in enumerate(texts)))
    await read(workspace)
    service.put("ann", *(remembered(n, f"now {text}") for n, text in enumerate(texts[:9])))
    del service.memories["user", "ann"]["m20"]
    await read(workspace)
    await read(workspace)


def remembered(number: int, text: str) -> Memory:
    return a_memory(
        f"m{number}",
        text,
        title=text[:40],
        tags=(text[:20],),
        conversation_id=f"c{number % 2}",
        create_time="2025-09-17T07:58:05Z",
    )


def opened(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


async def test_it_holds_what_the_other_exports_hold(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    report = export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    assert tuple(files) == NAMES
    assert report.guarded > 0
    everything = Filter(subject=ANN, order="created", descending=False)
    for name, scope in (
        ("messages.csv", SubjectScope(ANN)),
        ("memories.csv", MemoriesScope(everything)),
    ):
        export_scope(workspace, scope, output=out / name)
        same = rows(files[name])
        if name == "memories.csv":  # it says of those that are gone since when, and why, too
            same = [row[:-3] for row in same]
        assert same == rows((out / name).read_bytes())
    lines = [json.loads(line) for line in files["data.jsonl"].splitlines()]
    kinds = [line["type"] for line in lines]
    counts = report.counts
    assert kinds.count("message") == counts.messages == len(SHORT)
    assert kinds.count("memory") == counts.memories == len(SHORT)
    assert kinds.count("conversation") == counts.conversations == 2
    assert (counts.vanished, counts.versions) == (1, 9)
    said = {line["content"] for line in lines if line["type"] == "message"}
    assert said == {*SHORT.values()}
    header, *versions = rows(files["versions.csv"])
    assert len(versions) == 9
    before = {row[header.index("memory_id")]: row[header.index("content")] for row in versions}
    guard = CsvFormat([]).guard
    assert before == {f"m{n}": guard(text) for n, text in enumerate(list(SHORT.values())[:9])}
    assert {row[header.index("of")] for row in versions} == {"memory"}
    assert [row[3] for row in rows(files["conversations.csv"])[1:]] == ["c0", "c1"]


async def test_a_memory_that_is_gone_says_since_when_and_why(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    header, *memories = rows(files["memories.csv"])
    assert header[-3:] == ["vanished_at", "reason", "came_from"]
    gone = {row[header.index("memory_id")]: row[-3:] for row in memories if row[-2]}
    assert list(gone) == ["m20"]
    assert gone["m20"][0].endswith("Z")
    explained = json.loads(files["manifest.json"])["columns"]
    for name, columns in explained.items():
        assert columns.keys() <= {*rows(files[name])[0]}
    assert "the one that it named then" in explained["versions.csv"]["conversation_id"]


async def test_a_memory_that_moved_is_told_from_which_conversation_to_which(
    workspace: Workspace, service: Service, out: Path
) -> None:
    for number, name in enumerate((None, "summer", "ann@example.com", "autumn")):
        service.put(
            "ann", a_memory("m1", conversation_id=name, update_time=f"176250000000{number}")
        )
        await read(workspace)
    writer = await workspace.open_writer()
    sql = "UPDATE memory_version SET conversation_id = NULL WHERE version = 2"
    await writer.run(partial(Connection.exec_driver_sql, statement=sql))
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    header, *versions = rows(files["versions.csv"])
    columns = [header.index(name) for name in ("conversation_id", "not_kept")]
    assert [[row[at] for at in columns] for row in versions] == [
        ["", ""], ["", "conversation_id"], ["ann@example.com", ""],
    ]  # fmt: skip
    lines = map(json.loads, files["data.jsonl"].splitlines())
    (earlier,) = (line["earlier_versions"] for line in lines if line["type"] == "memory")
    assert [(one["conversation_id"], one["not_kept"]) for one in earlier] == [
        (None, []), (None, ["conversation_id"]), ("ann@example.com", []),
    ]  # fmt: skip
    page = files["your-data.html"].decode()
    assert page.count("ann@example.com → autumn") == 1
    assert page.count(" → ") == 1
    export(workspace, replace(ORDER, privacy=Privacy(True)), out / "masked.zip")
    for name, data in opened(out / "masked.zip").items():
        if name != "data.xlsx":
            assert b"ann@example.com" not in data, name


async def test_a_memory_of_a_knowledge_base_says_so_in_documents_and_tables(
    workspace: Workspace, service: Service, out: Path
) -> None:
    sources = (Source("file", excerpt="Plates from 49 euros."), Source("chat", excerpt="I cook."))
    service.say("ann", "0610", a_message("I cook."))
    service.put(
        "ann",
        a_memory("m1", "Plates cost 49 euros.", sources=sources[:1]),
        a_memory("m2", "Cooks on plates.", sources=sources, conversation_id="0610"),
        a_memory("m3", "Sings.", sources=(Source("chat", excerpt="I sing."),)),
        a_memory("m4", "Swims."),
    )
    await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    header, *memories = rows(files["memories.csv"])
    came = {row[header.index("memory_id")]: row[header.index("came_from")] for row in memories}
    assert came == {
        "m1": "knowledge base",
        "m2": "message; knowledge base",
        "m3": "not found",
        "m4": "",
    }
    for name in ("your-data.html", "your-data.md"):
        text = files[name].decode()
        assert text.count("a document of a knowledge base, not a message") == 2
        assert text.count("Quoted from the document") == 2
        assert text.count("not found among the messages of this document") == 1


async def test_a_memory_that_was_gone_for_a_while_says_when_and_why_in_both_documents(
    workspace: Workspace, service: Service, out: Path
) -> None:
    boat, tea = a_memory("m1", "has a boat"), a_memory("m2", "drinks tea")
    service.put("ann", boat, tea)
    await read(workspace)
    del service.memories["user", "ann"]["m1"]
    await read(workspace)
    service.put("ann", boat)
    await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    (away,) = absences(workspace.reads, workspace.reads.memory("m1"))
    said = f"from {at(away.vanished_at)} until {at(away.returned_at)}: MemOS did not have it then"
    for name in ("your-data.md", "your-data.html"):
        text = files[name].decode()
        assert text.count("Was not in use") == 1
        assert said in text


def test_why_a_memory_was_gone_stands_as_what_it_is() -> None:
    ours = remembered_of._gone("State", "since {time}: {why}", "deleted", time="today")
    theirs = remembered_of._gone("State", "since {time}: {why}", "<b>", time="today")
    assert ours.value == "since today: deleted"
    assert not isinstance(ours.value, Said)
    assert theirs.value == Said("since today: <b>")


async def test_a_text_that_stayed_is_not_repeated_where_something_else_changed(
    workspace: Workspace, service: Service, out: Path
) -> None:
    for fields in (
        {},
        {"status": "archived"},
        {"status": "archived", "tags": ("b", "c")},
        {"status": "odd`<b>", "content": "likes coffee"},
    ):
        service.put("ann", a_memory("m1", **fields))
        await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    text = files["your-data.md"].decode()
    assert text.count("likes tea") == 1
    assert text.count("this changed, and the text stayed:") == 2
    assert "* **State:** in use → archived: kept, and no longer used\n" in text
    assert "* **Tags:** `a, b → b, c`\n" in text
    assert "* **State:** ``archived: kept, and no longer used → odd`<b>``\n" in text
    page = files["your-data.html"].decode()
    assert page.count("likes tea") == 1
    assert "odd`&lt;b&gt;" in page


async def test_the_workbook_has_a_sheet_for_each_table(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    book = load_workbook(io.BytesIO(files["data.xlsx"]))
    assert book.sheetnames == ["Conversations", "Messages", "Memories", "Versions", "Verdicts"]
    for sheet in book.worksheets:
        table = rows(files[f"{sheet.title.lower()}.csv"])
        assert [cell.value for cell in sheet[1]] == table[0]
        assert sheet.max_row == len(table)
        assert all(cell.data_type == "s" or cell.value is None for row in sheet for cell in row)
    content = [cell.value for cell in book["Messages"]["I"]][1:]
    plain = [text for text in SHORT.values() if text.isprintable()]
    assert {fitted(text) for text in plain} <= set(content)


async def test_the_manifest_has_the_hash_of_each_file(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    service.put("ann", a_memory("late"))
    report = export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    about = json.loads(files.pop("manifest.json"))
    assert {one["name"]: (one["size"], one["sha256"]) for one in about["files"]} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()
    }
    assert (about["format"], about["format_version"]) == ("memos-admin manifest", 1)
    assert about["request"] == "DSR-17"
    assert about["scope"]["user_id"] == "ann"
    assert about["counts"]["memories"] == report.counts.memories
    assert about["counts"]["messages_by_role"] == report.counts.roles
    assert about["completeness"]["vanished_memories"] == 1
    assert about["completeness"]["said"] == list(report.incomplete)
    assert about["guarded_cells"] == report.guarded
    assert about["redactions"] == {"masked": False, "parts": 0, "pseudonyms": False}
    assert set(about["dropped_by_retention"].values()) == {0}
    begun, done = [one for one in entries(workspace.home) if one.action == "export"]
    assert about["journal"] == {"seq": begun.seq, "hash": begun.hash, "sealed": False}
    whole = hashlib.sha256((out / "ann.zip").read_bytes()).hexdigest()
    assert (done.result, done.details["sha256"], report.sha256) == ("done", whole, whole)


async def test_the_manifest_explains_every_column_of_every_table_in_its_order(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    explained = json.loads(files["manifest.json"])["columns"]
    tables = {name: rows(data)[0] for name, data in files.items() if name.endswith(".csv")}
    assert tables == {name: [*columns] for name, columns in explained.items()}
    assert all(text for columns in explained.values() for text in columns.values())


async def test_what_retention_dropped_is_told(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    writer = await workspace.open_writer()
    for sql in (
        "UPDATE memory_raw SET raw = ''",
        "UPDATE message_raw SET raw = ''",
        "UPDATE memory_version SET title = NULL, content = '', tags = ''",
    ):
        await writer.run(partial(Connection.exec_driver_sql, statement=sql))
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    assert json.loads(files["manifest.json"])["dropped_by_retention"] == {
        "message_raws": len(SHORT),
        "memory_raws": len(SHORT),
        "message_versions": 0,
        "memory_versions": 9,
    }
    assert files["your-data.html"].decode().count("The text is no longer kept.") == 9
    header, *versions = rows(files["versions.csv"])
    assert {row[header.index("kept")] for row in versions} == {"0"}


async def test_messages_and_memories_stand_apart_and_say_whose_they_are(
    workspace: Workspace, service: Service, out: Path
) -> None:
    bob = a_message("Bob's words.")
    bob = replace(bob, role_id="bob", raw={**bob.raw, "role_id": "bob"})
    service.say("ann", "c1", a_message("I like tea."), a_message("Noted.", "assistant"), bob)
    service.put("ann", a_memory("m1", "[assistant perspective] Ann likes tea.", raw={}))
    await read(workspace)
    report = export(workspace, ORDER, out / "ann.zip")
    assert report.counts.by_others == 1
    text = opened(out / "ann.zip")["your-data.md"].decode()
    messages, memories = text.split("## Memories: ")
    assert [line for line in messages.splitlines() if line.startswith("#### ")] == [
        "#### You (message 1, 2025-06-10 09:30 UTC)",
        "#### Assistant (a machine) (message 2, 2025-06-10 09:30 UTC)",
        "#### Another person (message 3, 2025-06-10 09:30 UTC)",
    ]
    assert "1 message is marked as yours" in messages
    assert "the assistant's inference: it concluded this; you may never have said it" in memories
    assert "say so to whoever gave you this document, with its id" in memories


async def test_the_tools_that_were_called_are_told_with_what_was_sent_to_them(
    workspace: Workspace, service: Service, out: Path
) -> None:
    sent = '{"user_id": "ann", "status": "in_transit"}'
    long = json.dumps({"text": "long " * 1_000})
    calls = (
        {"id": "t1", "type": "function", "function": {"name": "find_orders", "arguments": sent}},
        {"id": "t2", "function": {"name": "*tell*", "arguments": long}},
        {"function": {"name": "ping", "arguments": ""}},
        "<b>odd</b>",
    )
    service.say(
        "ann",
        "c1",
        replace(a_message("", "assistant"), tool_calls=calls),
        replace(a_message("Wait.", "assistant"), tool_calls=calls[:1]),
    )
    service.put("ann", a_memory("m1"))
    await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    text = files["your-data.md"].decode()
    assert f"Called the tool `find_orders` with:\n\n```\n{sent}\n```\n" in text
    assert "Called the tool `ping`.\n" in text
    assert "Called a tool:\n\n```\n<b>odd</b>\n```\n" in text
    cut = "This is cut: it has 5,012 characters. All of it is in messages.csv and data.jsonl."
    assert f"Called the tool `*tell*` with:\n\n```\n{long[:2_000]}…\n```\n\n{cut}" in text
    assert text.count("(no text)") == 0
    assert "Wait.\n```\n\nCalled the tool `find_orders`" in text
    page = files["your-data.html"].decode()
    assert page.count("<p>Called the tool <bdi>find_orders</bdi> with:</p>") == 2
    assert html.escape(sent) in page
    assert cut in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    (header, first, second) = rows(files["messages.csv"])
    column = header.index("tool_calls")
    assert first[column] == f"find_orders: {sent}; *tell*: {long}; ping; <b>odd</b>"
    assert second[column] == f"find_orders: {sent}"
    book = load_workbook(io.BytesIO(files["data.xlsx"]))
    assert book["Messages"].cell(3, column + 1).value == f"find_orders: {sent}"
    about = json.loads(files["manifest.json"])["columns"]["messages.csv"]
    assert "data.jsonl" in about["tool_calls"]


async def test_it_says_who_answers_as_the_configuration_does(
    workspace: Workspace, service: Service, out: Path
) -> None:
    quoted = Source("chat", "said before anybody read it", "user")
    service.put("ann", a_memory("m1", "tea", sources=(quoted,)))
    await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    text = opened(out / "ann.zip")["your-data.md"].decode()
    assert "(an account on the computer on which this was made)`" in text
    assert "* **Exported with:** memos-admin" in text
    assert "**Contact:**" not in text
    assert (
        "* **Came from:** not found among the messages of this document; MemOS quotes it:" in text
    )
    path = workspace.home.path / "config.toml"
    said = '[subject]\norganisation = "Acme <b>"\ncontact = "p@acme.example"\n'
    path.write_text(f'operator = "Ann Lee"\n{path.read_text()}\n{said}')
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    text = files["your-data.md"].decode()
    assert "* **Given by:** `Acme <b>`" in text
    assert "* **Contact:** `p@acme.example`" in text
    assert "* **Exported by:** `Ann Lee`" in text
    assert "say so to the contact that is named above" in text
    assert b"Acme &lt;b&gt;" in files["your-data.html"]
    path.write_text(path.read_text().replace("contact", "kontact"))
    with pytest.raises(ConfigError, match=r"subject\.kontact: unknown"):
        export(workspace, ORDER, out / "ann.zip")


async def test_gaps_are_told_of_their_conversations_and_what_is_gone_is_told_as_being_there(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.say("ann", "c1", a_message("I like tea."))
    first, later = ([f"{word} {n}" for n in range(50)] for word in ("one", "two"))
    service.say("ann", "c2", *(a_message(text) for text in first))
    for name, conversation in (("m1", "c1"), ("m2", "c2"), ("m3", "c2")):
        service.put("ann", a_memory(name, "of tea", conversation_id=conversation))
    await read(workspace)
    service.say("ann", "c2", *(a_message(text) for text in later))
    del service.memories["user", "ann"]["m2"]
    await read(workspace)
    await read(workspace)
    report = export(workspace, ORDER, out / "ann.zip")
    assert report.counts.vanished == 1
    text = opened(out / "ann.zip")["your-data.md"].decode()
    missing = text.split("## What this cannot contain")[1].split("\n## ")[0]
    assert "At 1 place messages are missing that MemOS no longer serves" in missing
    assert re.search(
        r"missing between others in conversation 2 \(between \S+ \S+ UTC and \S+ \S+ UTC\)\. Each place",
        missing,
    )
    assert "gone" not in missing
    assert not re.search(r"gap_?before|\(vanished", text)
    one, two = re.split(r"(?m)^### ", text.split("## Messages: ")[1].split("## Memories: ")[0])[1:]
    assert "messages at 1 place" not in one
    assert "messages at 1 place" in two
    assert "1 of them is no longer in use: it is here as it was last read" in text


async def test_messages_that_memos_returns_no_more_are_told_with_when_they_were_read(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.say("ann", "c1", a_message("I like tea."))
    service.put("ann", a_memory("m1", "of tea", conversation_id="c1"))
    await read(workspace)
    conversation = workspace.reads.conversation(ANN, "c1")
    assert conversation is not None
    assert conversation.fetched_at is not None
    served = at(conversation.fetched_at)
    service.messages["ann", "c1"].clear()
    await read(workspace)
    later = workspace.reads.conversation(ANN, "c1")
    assert later is not None
    assert (later.served_at, later.kept) == (conversation.fetched_at, True)
    assert later.fetched_at is not None
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    manifest = json.loads(files["manifest.json"])
    known = manifest["completeness"]
    for name in ("conversations.csv", "messages.csv"):
        (row,) = csv.DictReader(files[name].decode().splitlines())
        assert row["served_at"] == utc_text(conversation.fetched_at)
        assert row["fetched_at"] == utc_text(later.fetched_at)
        assert {"served_at", "fetched_at"} <= manifest["columns"][name].keys()
    assert known["messages_read_since"] == utc_text(conversation.fetched_at)
    assert (known["conversations"]["empty"], known["conversations"]["with_messages_kept"]) == (1, 1)
    text = files["your-data.md"].decode()
    missing = text.split("## What this cannot contain")[1].split("\n## ")[0]
    assert "MemOS returned none of them at the last reading" in missing
    assert not re.search(r"\dT\d\d:", missing)
    said = text.split("## Messages: ")[1].split("## Memories: ")[0]
    assert f"**Read from MemOS on:** {served}" in said
    gone = f"on {at(later.fetched_at)} MemOS returned none of them: they are here as they were last read"
    assert f"**No longer in MemOS:** {gone}" in said


async def test_a_reading_that_returned_none_is_none_at_which_messages_were_read(
    workspace: Workspace, service: Service, out: Path
) -> None:
    for name in ("c1", "c2"):
        service.say("ann", name, a_message("I like tea."))
        service.put("ann", a_memory(f"m-{name}", conversation_id=name))
    returned, none = (now_ms() - days * 86_400_000 for days in (3, 2))
    workspace.clock = lambda: returned
    await read(workspace)
    service.messages["ann", "c1"].clear()
    service.messages["ann", "c2"].clear()
    workspace.clock = lambda: none
    await read(workspace)
    workspace.clock = now_ms

    def broken(route: str, _name: str) -> None:
        if route == "/get/message":
            raise CloudError("Could not connect")

    service.trouble = broken
    assert not (await sync(workspace, SyncScope((ANN,), full=True))).complete
    report = export(workspace, ORDER, out / "ann.zip")
    said = report.freshness.said()
    assert f"The messages of 2 conversations were last read on {at(returned)} or later." in said
    days = utc_text(returned)[:10], utc_text(none)[:10]
    assert (
        "The messages of 2 of 2 conversations are kept here, as of {} or later: MemOS returned none of them at "
        "the last reading of each, {} or later.".format(*days)
        in report.incomplete
    )
    known = ledger(workspace.reads, ANN)
    assert kept(known.windows, utc_text).startswith(
        f"2 messages of 2 conversations, as of {utc_text(returned)} or later: "
    )


UNREAD = {
    "/get/message": (["Not all messages"], ["Memories"]),
    "/get/memory": (["Not all messages", "Memories"], []),
    "/get/memory/{id}": (["Memories"], ["Not all messages"]),
}
"""What is told as not read, and what is not, by the route that fails."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lost", UNREAD)
async def test_what_could_not_be_read_is_told_without_the_error_which_the_manifest_has(
    workspace: Workspace, service: Service, out: Path, lost: str, language: str
) -> None:
    said, unsaid = UNREAD[lost]
    service.say("ann", "c1", a_message("I like tea."))
    service.put("ann", a_memory("m1"), a_memory("m2"))
    await read(workspace)
    del service.memories["user", "ann"]["m2"]

    def broken(route: str, _name: str) -> None:
        if route == lost:
            raise CloudError("Could not connect (ConnectError): [Errno 111] to 127.0.0.1:77")

    service.trouble = broken
    with written_in(language):
        await sync(workspace, SyncScope((ANN,), full=True))
    failed_at = workspace.reads.runs(1)[0].started_at
    export(workspace, ORDER, out / "ann.zip")
    files = opened(out / "ann.zip")
    assert "Errno 111" in json.loads(files["manifest.json"])["completeness"]["last_problem"]
    for name in ("your-data.html", "your-data.md"):
        text = files[name].decode()
        for words in said:  # at the beginning, and among what is missing
            found = re.findall(rf"{words} could (?:not )?be read from MemOS on (\S+ \S+ UTC)", text)
            assert found == [at(failed_at)] * 2
        for words in unsaid:
            assert f"{words} could" not in text
        assert not re.search("Errno|ConnectError|127.0.0.1:77|roster|sync", text)
    everything = {name: data for name, data in files.items() if name != "manifest.json"}
    assert [name for name, data in everything.items() if b"Errno" in data] == []


async def test_what_was_read_in_part_says_how_old_its_memories_and_its_messages_are(
    workspace: Workspace, service: Service, out: Path
) -> None:
    names = [f"c{number}" for number in range(5)]
    for name in names:
        service.say("ann", name, a_message("I like tea."))
        service.put("ann", a_memory(f"m-{name}", conversation_id=name))
    before = now_ms() - 900_000
    workspace.clock = lambda: before
    await read(workspace)
    workspace.clock = now_ms

    def broken(route: str, _name: str) -> None:
        if route == "/get/message":
            raise CloudError("Could not connect")

    service.trouble = broken
    assert not (await sync(workspace, SyncScope((ANN,), full=True))).complete
    subject = workspace.reads.subject(ANN)
    assert subject is not None
    assert (subject.problem or "").endswith("messages of c2: Could not connect; and 2 more")
    report = export(workspace, ORDER, out / "ann.zip")
    listed, said = at(subject.listed_at or 0), report.freshness.said()
    assert f"Its memories were last read whole from MemOS on {listed}, just now." in said
    assert f"The messages of 5 conversations were last read on {at(before)} or later." in said
    assert f"The last reading was not whole: {subject.problem}" in said
    files = opened(out / "ann.zip")
    known = json.loads(files["manifest.json"])["completeness"]["said"]
    assert "The user or agent was not read whole by the last sync." in known
    for name in ("your-data.html", "your-data.md"):
        text = re.sub(r"<[^>]*>|[|*]", " ", files[name].decode())
        assert re.search(rf"Memories read whole from MemOS on\W+{listed}", text)
        assert re.search(rf"Messages last read whole from MemOS on\W+{at(before)}", text)
        assert "It was last read whole" not in text


async def test_no_day_is_told_where_a_sync_may_not_have_come_to_the_person(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.say("ann", "c1", a_message("I like tea."))
    service.put("ann", a_memory("m1"))
    await read(workspace)

    def broken(route: str, _name: str) -> None:
        if route == "/get/memory":
            raise CloudError("Could not connect")

    service.trouble = broken
    await sync(workspace, SyncScope((ANN,), full=True))
    writer = await workspace.open_writer()
    await writer.run(partial(runs.start, mode="full", scope="all", now=now_ms(), fresh_since=0))
    export(workspace, ORDER, out / "ann.zip")
    text = opened(out / "ann.zip")["your-data.md"].decode()
    assert "could not be read from MemOS lately" in text
    assert "could not be read from MemOS on" not in text


async def test_the_markdown_has_no_backslash_where_nothing_could_be_markup(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.say("ann", "c1", a_message("I like tea."))
    service.put("ann", a_memory("m1", "[user perspective] tea_time", raw={}))
    await read(workspace)
    export(workspace, ORDER, out / "ann.zip")
    assert "\\" not in opened(out / "ann.zip")["your-data.md"].decode()


async def test_a_document_can_be_chinese_whatever_the_interface_speaks(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    report = export(workspace, replace(ORDER, language="zh"), out / "ann.zip")
    files = opened(out / "ann.zip")
    assert "MemOS 中关于您的数据" in files["your-data.html"].decode()
    assert "其中 1 条已不再使用" in files["your-data.md"].decode()
    about = json.loads(files["manifest.json"])
    assert about["completeness"]["said"] == list(report.incomplete)
    assert report.incomplete[-1].startswith("1 memory is gone")


async def test_a_masked_one_has_nothing_personal_in_any_of_its_files(
    workspace: Workspace, service: Service, out: Path
) -> None:
    address = "ann.lee@mail.example"
    call = {"function": {"name": f"mail_{address}", "arguments": json.dumps({"to": address})}}
    service.say("ann", "c1", replace(a_message(f"Write to {address}."), tool_calls=(call,)))
    service.put("ann", a_memory("m1", f"Ann is {address}.", title=address))
    await read(workspace)
    service.put("ann", a_memory("m1", f"No more {address}!", title=address))
    await read(workspace)
    order = replace(ORDER, request="DSR-17 of ann", privacy=Privacy(True, True))
    assert suggest("acme", order).startswith("acme-masked-DSR-17-of-…-data-")
    report = export(workspace, order, out / "masked.zip")
    assert report.masked
    said = [part.text for line in report_lines(report) for part in line]
    assert any("It is masked:" in text for text in said)
    none = [part.text for line in report_lines(replace(report, masked=0)) for part in line]
    assert "Masks were asked for; nothing was found that they hide." in [
        one.strip() for one in none
    ]
    assert not any("It does not hold all" in text for text in none)
    for name, data in opened(out / "masked.zip").items():
        if name != "data.xlsx":
            assert address.encode() not in data, name
            assert not re.search(rb"\bann\b", data), name
    book = load_workbook(io.BytesIO(opened(out / "masked.zip")["data.xlsx"]))
    cells = {cell.value for sheet in book.worksheets for row in sheet for cell in row}
    assert not any(address in str(value) or value == "ann" for value in cells)


async def test_the_same_store_makes_the_same_archive(
    workspace: Workspace, service: Service, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hostile(workspace, service)
    monkeypatch.setattr(bundle, "now_ms", lambda: 1_760_000_000_000)
    found = []
    for name in ("one.zip", "two.zip"):
        export(workspace, ORDER, out / name)
        found.append(opened(out / name))
    one, two = found
    assert one.keys() == two.keys()
    # A workbook says when it was made, and the manifest names the journal's entry.
    different = {name for name in one if one[name] != two[name]}
    assert different <= {"data.xlsx", "manifest.json"}


@pytest.mark.needs("unzip")
async def test_the_file_is_one_that_others_can_unpack_and_only_we_can_read(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    path = out / "ann.zip"
    path.write_bytes(b"what was there before")
    path.chmod(0o644)
    report = export(workspace, ORDER, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == report.size
    assert ran("unzip", "-tq", path).returncode == 0


async def test_stopped_there_is_nothing_but_what_was_there_before(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    path = out / "ann.zip"
    path.write_bytes(b"before")

    def stop(done: int, total: int) -> None:
        if done > total // 2:
            raise ExportStopped

    with pytest.raises(ExportStopped):
        export(workspace, ORDER, path, stop)
    assert path.read_bytes() == b"before"
    assert within(out) == ["ann.zip"]
    journal.of(workspace.home).flush()
    assert [one.result for one in entries(workspace.home) if one.action == "export"] == [
        "begun",
        "failed",
    ]


async def test_killed_there_is_no_file_under_the_name(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    path = out / "ann.zip"
    code = f"""
import os, signal
from pathlib import Path
from memos_admin.backend.home import Home
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access.bundle import Order, export
from memos_admin.backend.workspace import Workspace
home = Home(Path({str(workspace.home.path)!r}))
def kill(done, total):
    if done > total // 2:
        os.kill(os.getpid(), signal.SIGKILL)
workspace = Workspace(Projects(home).get("test"), home)
export(workspace, Order(SubjectRef("user", "ann"), "DSR-17"), Path({str(path)!r}), kill)
"""
    killed = ran(sys.executable, "-c", code)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not path.exists()
    assert within(out)
    export(workspace, ORDER, path)
    assert within(out) == ["ann.zip"]


async def test_what_changes_while_it_is_written_makes_it_begin_anew(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await hostile(workspace, service)
    path = out / "ann.zip"
    times = 0

    sql = "UPDATE memory SET version = version + 1 WHERE memory_id = 'm50'"
    change = partial(Connection.exec_driver_sql, statement=sql)

    def once(done: int, total: int) -> None:
        nonlocal times
        if done == total and times == 0:
            times += 1
            workspace.writer.submit(change).result()

    export(workspace, ORDER, path, once)
    assert times == 1
    path.unlink()

    def always(done: int, total: int) -> None:
        if done == total:
            workspace.writer.submit(change).result()

    with pytest.raises(Changed, match="ann changed each time"):
        export(workspace, ORDER, path, always)
    assert not path.exists()


async def test_an_id_that_is_no_name_of_a_file(
    workspace: Workspace, service: Service, out: Path
) -> None:
    from memos_admin.backend.subject_access.naming import receipt_name

    for text in SHORT.values():
        name = suggest("test", replace(ORDER, ref=SubjectRef("user", text)))
        assert Path(name).name == name
        assert name.endswith(".zip")
        (out / name).touch()
    assert "ann" not in suggest("test", replace(ORDER, privacy=Privacy(True)))
    named = suggest("test", replace(ORDER, request="../case 7 " + "x" * 90))
    assert re.fullmatch(r"test-ann-\.\._case-7-x+-data-\d{8}T\d{6}Z\.zip", named)
    ref = SubjectRef("user", "用" * 100)
    named = suggest("test", replace(ORDER, ref=ref, request="票" * 40))
    assert re.fullmatch(r"test-用+-票+-data-\d{8}T\d{6}Z\.zip", named)
    receipt = receipt_name("D  7 " + "x" * 90)
    assert re.fullmatch(r"erasure-receipt-D-7-x{36}-\d{8}T\d{6}Z", receipt)


async def test_nothing_is_written_of_nobody_or_without_a_journal(
    workspace: Workspace, service: Service, out: Path
) -> None:
    await read(workspace)
    with pytest.raises(LookupError):
        export(workspace, replace(ORDER, ref=SubjectRef("user", "bob")), out / "bob.zip")
    assert not within(out)
    report: BundleReport = export(workspace, ORDER, out / "ann.zip")
    assert (report.counts.messages, report.counts.memories) == (0, 0)
    assert report.freshness.is_fresh


async def test_verdicts_on_the_memories_are_in_every_form_and_who_gave_them_in_tables_only(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.put("ann", a_memory("m1", "Ann likes tea.", title="Tea"), a_memory("m2", "x"))
    service.put("bob", a_memory("m3", "Bob likes tea."))
    await read(workspace)
    assert (await sync(workspace, SyncScope((SubjectRef("user", "bob"),)))).complete
    workspace.home.config_path.write_text('operator = "eve-the-auditor"\n')
    note = "</dl><script>alert(1)</script> call 13912345678"
    await give(workspace, Judgement("m1", 1, "outdated", ref=ANN))
    await give(workspace, Judgement("m1", 1, "wrong", note=note, ticket="SUP-9", ref=ANN))
    await give(workspace, Judgement("m2", 1, "unsure", ref=ANN))
    await withdraw(workspace, "m2", 1, ANN)
    await give(workspace, Judgement("m3", 1, "correct"))
    service.put("ann", a_memory("m1", "Ann likes coffee.", title="Tea"))
    await read(workspace)
    workspace.home.config_path.write_text('operator = "whoever-answers"\n')
    report = export(workspace, ORDER, out / "ann.zip")
    assert report.counts.verdicts == 3
    assert any("3 verdicts" in part.text for line in report_lines(report) for part in line)
    files = opened(out / "ann.zip")
    assert json.loads(files["manifest.json"])["counts"]["verdicts"] == 3
    header, *table = rows(files["verdicts.csv"])
    said = [(row[header.index("memory_id")], row[header.index("verdict")]) for row in table]
    assert said == [("m1", "outdated"), ("m1", "wrong"), ("m2", "unsure")]
    lines = [json.loads(line) for line in files["data.jsonl"].splitlines()]
    told = [line for line in lines if line["type"] == "verdict"]
    assert [(line["memory_id"], line["verdict"]) for line in told] == said
    assert (told[1]["note"], told[1]["operator"]) == (note, "eve-the-auditor")
    html, text = files["your-data.html"].decode(), files["your-data.md"].decode()
    assert "<script" not in html
    assert "eve-the-auditor" not in html + text
    _rest, verdicts = html.split('<h2 id="verdicts">')
    assert verdicts.count("<dl>") == 3
    assert '<a href="#m1">Tea</a>' in verdicts
    assert "the memory says something else" in verdicts
    assert ("Replaced on" in verdicts, "Taken back on" in verdicts) == (True, True)
    assert "13912345678" in text.split("## Verdicts: ")[1]

    masked = export(workspace, replace(ORDER, privacy=Privacy(True)), out / "masked.zip")
    assert masked.counts.verdicts == 3
    assert all(b"13912345678" not in data for data in opened(out / "masked.zip").values())


async def test_where_nobody_judged_the_document_says_nothing_of_verdicts(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.put("ann", a_memory("m1", "Ann likes tea."))
    await read(workspace)
    report = export(workspace, ORDER, out / "ann.zip")
    assert report.counts.said() == "1 conversation, 0 messages, 1 memory, 0 earlier versions"
    assert 'id="verdicts"' not in opened(out / "ann.zip")["your-data.html"].decode()


async def test_an_archive_with_other_names_says_that_they_are_no_ids_and_that_names_in_texts_stay(
    workspace: Workspace, service: Service, out: Path
) -> None:
    service.say("ann", "c1", a_message("I am Ann."))
    await read(workspace)
    for privacy, has_others in ((Privacy(True, True), True), (Privacy(True), False)):
        export(workspace, replace(ORDER, privacy=privacy), out / "named.zip")
        text = opened(out / "named.zip")["your-data.md"].decode()
        missing = text.split("## What this cannot contain")[1].split("\n## ")[0]
        stays = "What people are called within texts stays as it was said." in missing
        assert ("Instead of the user id" in text, stays) == (has_others, has_others)
        assert ("User id" in text) is not has_others
