"""Erasing a person where the service keeps something, or this machine does: told, and done later."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memos_admin.backend import journal, occasion, roster
from memos_admin.backend.absent import NotInRoster
from memos_admin.backend.changing import permission
from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.subject import CannotDelete
from memos_admin.backend.changing.subject_reading import Check
from memos_admin.backend.erasing import erased_before, forgetting, unfinished_erasures
from memos_admin.backend.errors import HomeError, StoreError
from memos_admin.backend.export import manifest
from memos_admin.backend.export.completeness import of_memories
from memos_admin.backend.ledger import document, ledger, summaries, unfinished
from memos_admin.backend.ledger import words as ledger_words
from memos_admin.backend.model import Subject, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.roster import add_subjects
from memos_admin.backend.subject_access import bundle, erasure_wording, lacking
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.erasure import Reached, erase
from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
from memos_admin.backend.subject_access.erasure_planning import plan
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.times import utc_text
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.upkeep.turns import silently
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.completeness import _summary as summary_row
from memos_admin.cli.users import row_of
from memos_admin.cloud.answers import Memory
from memos_admin.cloud.errors import Busy, NotFound
from memos_admin.language import written_in
from memos_admin.store import overview, rewriting
from memos_admin.store.scopes import erasures_of
from memos_admin.tui.jobs.adding import before_removal
from memos_admin.tui.rows.main import SUBJECT_COLUMNS
from memos_admin.tui.widgets.columns import cell
from memos_admin.tui.words import notes, troubles
from tests.backend.changed import at_once
from tests.backend.service import Service, a_memory, a_message

ANN, BOB = SubjectRef("user", "ann"), SubjectRef("user", "bob")
ORDER = Order(ANN, "DSR-18")


@pytest.fixture
async def known(workspace: Workspace, service: Service) -> Workspace:
    """A project that may be changed, with Ann read."""
    Projects(workspace.home).allow_writes("test", allowed=True)
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    service.say("ann", "c1", a_message("I like tea."))
    assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    return workspace


async def erased(workspace: Workspace, folder: Path, name: str = "a.zip") -> ErasureOutcome:
    planned = await plan(workspace, ORDER, archive_to=folder / name)
    return await erase(workspace, planned, wait=at_once)


def receipts(folder: Path) -> list[Path]:
    return list(folder.glob("*.json"))


def is_stored(workspace: Workspace) -> bool:
    with workspace.open_reads() as reads:
        return reads.subject(ANN) is not None


def said(outcome: ErasureOutcome) -> str:
    return "\n".join(map(text_of, erasure_wording.outcome_lines(outcome)))


class Recalling(Service):
    """A service whose search still finds what it no longer lists."""

    recalls = True

    async def search(self, user_id: str, query: str, **more: Any) -> tuple[Memory, ...]:
        found = await super().search(user_id, query, **more)
        return (*found, a_memory("m1")) if self.recalls else found


async def test_what_a_search_still_finds_is_not_erased(known: Workspace, tmp_path: Path) -> None:
    service = Recalling()
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    known.use_remote(service)
    outcome = await erased(known, tmp_path)
    assert outcome.service.read is not None
    assert (outcome.service.read.searches.count, outcome.service.read.verdict) == (1, "pending")
    assert (outcome.ended, outcome.erased, is_stored(known)) == ("partial", None, True)
    assert "Still found by searching: 1 memory." in said(outcome)
    service.recalls = False
    again = await erased(known, tmp_path, "b.zip")
    assert (again.ended, again.is_complete, is_stored(known)) == ("complete", True, False)


class Keeping(Service):
    """A service that goes on serving messages of whom it has deleted."""

    async def delete_subject(self, kind: Any, external_id: str) -> None:
        said = dict(self.messages)
        await super().delete_subject(kind, external_id)
        self.messages |= said


class Half(Service):
    """A service that refuses to delete a memory until it is asked again."""

    refuses = True

    async def delete_subject(self, kind: Any, external_id: str) -> None:
        kept = self.memories[kind, external_id].get("m2")
        await super().delete_subject(kind, external_id)
        if kept is not None and self.refuses:
            self.put(external_id, kept)
        self.refuses = False


async def test_a_part_that_stays_is_done_by_the_next_run(known: Workspace, tmp_path: Path) -> None:
    service = Half()
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    known.use_remote(service)
    outcome = await erased(known, tmp_path)
    assert outcome.service.read is not None
    assert (outcome.service.read.listing.count, outcome.service.read.known.left) == (1, ("m2",))
    assert (outcome.ended, is_stored(known)) == ("partial", True)
    again = await erased(known, tmp_path, "b.zip")
    assert (again.ended, is_stored(known)) == ("complete", False)
    first, second = (json.loads(one.receipts[0].read_text()) for one in (outcome, again))
    assert (first["ended"], second["ended"]) == ("partial", "complete")
    assert first["service"]["read_back"]["memories_still_there"] == 1


async def test_a_deletion_that_memos_confirmed_and_nobody_could_verify_is_not_called_partial(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    """Nor is it said of the next run that nothing was erased: MemOS says that it was, by the first one."""
    broken = "/search/memory"

    def trouble(route: str, name: str) -> None:
        if route == broken and service.requests["/delete/memory"]:
            raise Busy("Not now.", route=route)
        if route == "/delete/memory" and service.requests[route] > 1:
            raise NotFound("There is no such user. Check the id.", code=40308)

    service.trouble = trouble
    first = await erased(known, tmp_path)
    assert (first.ended, first.is_complete, is_stored(known)) == ("unverified", False, True)
    assert said(first).startswith(
        "MemOS says that it has nothing of it any more. That is not verified"
    )
    assert "ann: MemOS said that it was done; not verified\n  Not verified: Not now.\n" in said(
        first
    )
    page = next(path for path in first.receipts if path.suffix == ".md").read_text()
    assert "Not verified: MemOS said that it has nothing of it any more" in page
    broken = "/get/memory/{id}"
    second = await erased(known, tmp_path, "b.zip")
    assert (second.ended, len(second.receipts), is_stored(known)) == ("unverified", 3, True)
    assert "ann: MemOS says that it has nothing of it any more\n" in said(second)
    assert "The deletion was sent before, by the run begun " in said(second)
    assert "What cannot be verified from here" in said(second)
    assert "Check the id" not in said(second)
    broken = ""
    third = await erased(known, tmp_path, "c.zip")
    assert (third.ended, is_stored(known)) == ("complete", False)


async def test_a_request_that_names_whom_is_refused(known: Workspace) -> None:
    """Its receipts and their names would have the id."""
    with pytest.raises(CannotDelete, match="has the id of the person in it"):
        await plan(known, Order(ANN, "erase Ann"))
    assert is_stored(known)


async def test_what_fails_here_is_told_and_done_by_the_next_run(
    known: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **_named: object) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as failing:
        failing.setattr(forgetting, "forget", fails)
        outcome = await erased(known, tmp_path)
    assert (outcome.ended, outcome.problem) == ("partial", "The disk is full.")
    assert "Not erased here: The disk is full." in said(outcome)
    (receipt,) = (path for path in outcome.receipts if path.suffix == ".md")
    assert "* **Erased:** no: that failed\n" in receipt.read_text()
    again = await erased(known, tmp_path, "b.zip")
    assert (again.ended, is_stored(known)) == ("complete", False)


async def test_what_is_listed_for_others_too_and_memos_has_no_more_goes_for_them_too(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    """A shared memory that the service has let go of is nobody's: not in the store, nor in a backup."""
    service.put("bob", a_memory("m1"), a_memory("b1", "his own", conversation_id="c2"))
    assert (await sync(known, SyncScope((BOB,), full=True))).complete
    await maintenance.backup(known, tmp_path / "copy.db")
    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert "Goes too, unless MemOS still has it by its id then: 1 memory" in lines
    assert "Stays:" not in lines
    del service.memories["user", "bob"]["m1"]
    outcome = await erase(known, planned, wait=at_once)
    assert outcome.ended == "complete"
    assert outcome.service.let_go == {"m1", "m2"}
    receipt = json.loads(outcome.receipts[0].read_text())
    assert (receipt["here"]["memories"], receipt["here"]["memories_kept_for_others"]) == (2, 0)
    assert not any("for others" in text for text in receipt["not_verified"])
    for path in (known.store_path, tmp_path / "copy.db"):
        with closing(sqlite3.connect(path)) as connection:
            left = connection.execute("SELECT memory_id FROM memory").fetchall()
        assert left == [("b1",)]
    with known.open_reads() as reads:
        bob = reads.subject(BOB)
    assert bob is not None
    assert (bob.memories, bob.conversations) == (1, 1)
    assert maintenance.check(known) == []


async def test_what_is_listed_for_others_alone_stays_while_memos_has_it(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    service.put("bob", a_memory("m1"))
    assert (await sync(known, SyncScope((BOB,), full=True))).complete
    del service.memories["user", "ann"]["m1"]
    for _time in range(2):
        assert (await sync(known, SyncScope((ANN,), full=True))).complete
    outcome = await erased(known, tmp_path)
    assert outcome.ended == "complete"
    assert outcome.service.let_go == {"m2"}
    assert "Stays: 1 memory that MemOS lists for others too (bob)" in said(outcome)
    receipt = json.loads(outcome.receipts[0].read_text())
    assert receipt["here"]["memories_kept_for_others"] == 1
    read_back = receipt["service"]["read_back"]
    assert (read_back["memories_still_there"], read_back["memories_of_others_still_there"]) == (
        0,
        1,
    )
    assert "nothing any more" not in page_of(outcome) + said(outcome)
    assert any("since MemOS lists it for others too" in text for text in receipt["not_verified"])


KEY, OTHER_KEY = "0123456789abcdef", "fedcba9876543210"
ADDRESS = "http://127.0.0.1:9/api/openmem/v1"


async def another_project(
    known: Workspace, service: Service, name: str, fingerprint: str, address: str = ADDRESS
) -> Workspace:
    """Another project of this machine that has read Ann, and its key's fingerprint."""
    projects = Projects(known.home)
    project = projects.remember_key(projects.add(name, base_url=address), fingerprint)
    opened = Workspace(project, known.home)
    opened.use_remote(service)
    assert (await sync(opened, SyncScope((ANN,), full=True))).complete
    await opened.close()
    return Workspace(project, known.home)


async def test_another_project_here_that_holds_the_same_person_is_named_and_remains(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    projects = Projects(known.home)
    projects.remember_key(known.project, KEY)
    ours = Workspace(projects.get("test"), known.home)
    ours.use_remote(service)
    same = await another_project(known, service, "same", KEY)
    await another_project(known, service, "rotated", OTHER_KEY)
    await another_project(known, service, "far", KEY, "http://127.0.0.1:10/api/openmem/v1")
    unread = await another_project(known, service, "unread", KEY)
    await another_project(known, service, "two words", OTHER_KEY)
    unread.store_path.write_bytes(b"no database at all")
    empty = await another_project(known, service, "empty", KEY)
    await roster.remove_subject(empty, ANN)
    try:
        outcome = await erased(ours, tmp_path)
        assert (outcome.ended, is_stored(ours)) == ("partial", False)
        planned = "\n".join(map(text_of, erasure_wording.plan_lines(outcome.plan, str)))
        left = (
            "Another project here, same (the same address and key), holds it too: 1 conversation, "
            "1 message, 2 memories. To erase it there: memos-admin --project same store forget --user ann"
        )
        for told in (planned, said(outcome)):
            assert left in told
            assert "here, rotated (the same address, another key), has this id too" in told
            assert "memos-admin --project 'two words' store forget --user ann" in told
            assert "Not looked at: project unread (the same address and key)" in told
            assert "far" not in told
            assert "empty" not in told
        receipt = json.loads(outcome.receipts[0].read_text())
        assert (receipt["ended"], receipt["here"]["remain"]) == ("partial", 1)
        for name in ("same", "rotated", "two words", "unread"):
            assert any(f"{name} (the same" in text for text in receipt["not_verified"])
        texts = [path.read_text() for path in outcome.receipts]
        assert not any("--user" in text or "ann-" in text for text in texts)
        await forgetting.forget(same, ANN, silently)
        again = await erased(ours, tmp_path, "b.zip")
        assert (again.ended, again.is_complete) == ("nothing", True)
    finally:
        for each in (ours, same, empty):
            await each.close()


@pytest.fixture
async def two(known: Workspace, service: Service) -> AsyncIterator[tuple[Workspace, Workspace]]:
    """Two projects of the same key that both hold Ann; the first may be changed."""
    projects = Projects(known.home)
    projects.remember_key(known.project, KEY)
    ours = Workspace(projects.get("test"), known.home)
    ours.use_remote(service)
    same = await another_project(known, service, "same", KEY)
    yield ours, same
    for each in (ours, same):
        await each.close()


def page_of(outcome: ErasureOutcome) -> str:
    return next(path for path in outcome.receipts if path.suffix == ".md").read_text()


async def test_the_last_receipt_has_what_the_runs_before_found_and_the_first_line_what_helps(
    two: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    """Also those whose rows are gone: what another project holds is erased there in between."""
    ours, same = two
    first = await erased(ours, tmp_path)
    digest = hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    assert (first.ended, first.left, is_stored(ours)) == ("partial", "elsewhere", False)
    assert "What is left is in another project here, same: erase it there" in said(first)
    assert "same, has it too. Erase it there (how is said below), then" in page_of(first)
    assert "Repeat the erasure." not in page_of(first)
    on_screen = "\n".join(map(text_of, erasure_wording.screen_lines(first)))
    command = "memos-admin --project test subject erase ann --request DSR-18 --carry-out"
    assert (command in on_screen, command in said(first)) == (True, False)
    second = await erased(ours, tmp_path, "b.zip")
    assert (second.ended, second.left) == ("partial", "elsewhere")
    await forgetting.forget(same, ANN, silently)
    planned = await plan(ours, ORDER, archive_to=tmp_path / "c.zip")
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert f"Its archive has what was there then: SHA-256 {digest}" in lines
    assert "Erased before" not in lines  # that is the first of the runs, which have no end yet
    last = await erase(ours, planned, wait=at_once)
    assert (last.ended, last.is_complete) == ("nothing", True)
    assert said(last).startswith("Nothing was left to delete, in MemOS or here.")
    receipt = json.loads(last.receipts[0].read_text())
    assert receipt["ended"] == "nothing"
    before, between = receipt["earlier_attempts"]
    assert before == {
        "began_at": utc_text(first.began_at),
        "request": "DSR-18",
        "deletion_sent": True,
        "erased_here": True,
        "still_shown": False,
        "verified": True,
        "carried_out": "done",
        "shown": "nothing",
        "found": {"conversations": 1, "messages": 1, "memories": 2},
        "archive_sha256": digest,
    }
    assert (between["found"]["memories"], between["archive_sha256"]) == (0, None)
    page = page_of(last)
    assert "Nothing was left to delete: MemOS showed nothing of this id any more" in page
    assert "* **Found then:** 1 conversation, 1 message, 2 memories\n" in page
    assert f"* **Its archive, SHA-256:** `{digest}`" in page
    assert "a.zip" not in page
    notes_file = ours.project.store_dir / "unerased.json"
    assert "ann" not in notes_file.read_text()
    with pytest.raises(NotInRoster):  # nothing is left to be known
        await plan(ours, ORDER, archive_to=tmp_path / "d.zip")


async def test_an_erasure_that_another_project_has_begun_is_told_of_what_is_stored_here(
    two: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    ours, same = two
    service = Keeping()
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    service.say("ann", "c1", a_message("I like tea."))
    ours.use_remote(service)
    assert (await erased(ours, tmp_path)).left == "service"
    told = "An erasure for DSR-18, begun "
    report = bundle.export(same, Order(ANN, "DSR-19"), tmp_path / "same.zip")
    assert report.half_erased
    told = f"Begun in another project here, test: {told}"
    assert any(told in text for text in report.incomplete)
    with zipfile.ZipFile(tmp_path / "same.zip") as archive:
        text = archive.read("your-data.md").decode()
        found = json.loads(archive.read("manifest.json"))["completeness"]
    assert "For the request DSR-18 all of this was to be erased." in text
    assert told in found["last_problem"]
    assert told in found["ledger"]["problem"]
    assert any(told in text for text in found["said"])
    await roster.add_subjects(same, [BOB])
    for time in range(2):
        with same.open_reads() as reads:
            ann, bob = reads.subject(ANN), reads.subject(BOB)
            assert ann is not None
            assert bob is not None
            assert (ann.erasing, bob.is_unfinished) == (None, False)
            assert told in row_of(ann)["problem"]
            rows = {one.ref: summary_row(one)["problem"] for one in summaries(reads)}
            assert (told in rows[ANN], rows[BOB]) == (True, None)
            whole = document(reads, ledger(reads, None))
            assert (whole["with_a_problem"], whole["with_an_unfinished_erasure"]) == (1, 1)
            facts = dict(ledger_words.facts(ledger(reads, ANN), utc_text))
            assert any(told in fact.text for some in facts.values() for fact in some)
            assert [ref for ref, _why in unfinished(reads, 9)] == [ANN, BOB]
            assert told in (unfinished(reads, 9)[0][1] or "")
            assert any("Of 1 user or agent" in text for text in of_memories(reads, None, 0))
            assert overview.subjects(reads.query, "users", 0, None)["problem"] == 1
        assert cell(SUBJECT_COLUMNS[2], ann, 0, (), 12).strip() == "problem"
        assert "erasure unfinished" in notes.subject_state(ann, 0, "?")[0]
        trouble = troubles.of_subject(ann, str)
        assert trouble is not None
        assert told in trouble.why
        assert "It is ended there." in trouble.why
        if time == 0:
            await forgetting.forget(ours, ANN, silently)  # also where the rows there are gone


@pytest.mark.parametrize("thrown_away", [False, True])
async def test_an_erasure_beside_one_that_another_project_has_begun_is_complete_after_that_one(
    two: tuple[Workspace, Workspace], tmp_path: Path, thrown_away: bool
) -> None:
    ours, same = two
    service = Keeping()
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    service.say("ann", "c1", a_message("I like tea."))
    ours.use_remote(service)
    first = await erased(ours, tmp_path)
    assert first.left == "service"
    await roster.remove_subject(same, ANN)
    await roster.add_subjects(same, [ANN])
    same.use_remote(service)
    service.messages.clear()
    if thrown_away:
        await forgetting.forget(ours, ANN, silently)
    projects = Projects(same.home)
    again = Workspace(projects.allow_writes("same", allowed=True), same.home)
    again.use_remote(service)
    order = Order(ANN, "DSR-19")
    planned = await plan(again, order, archive=False, archive_to=tmp_path / "b.zip")
    outcome = await erase(again, planned, wait=at_once)
    told = "An erasure for DSR-18, begun "
    for text in ("\n".join(map(text_of, erasure_wording.plan_lines(planned, str))), said(outcome)):
        assert told in text
        assert "memos-admin --project test subject erase ann --request DSR-18 --carry-out" in text
        assert "--project test store forget" not in text
    page, receipt = page_of(outcome), json.loads(outcome.receipts[0].read_text())
    digest = hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    assert "for DSR-18 in project test, not finished" in page
    assert digest in page
    (begun,) = receipt["attempts_elsewhere"]
    assert (begun["project"], begun["request"], begun["archive_sha256"]) == (
        "test",
        "DSR-18",
        digest,
    )
    assert begun["found"] == {"conversations": 1, "messages": 1, "memories": 2}
    assert "ann" not in page.split()
    assert not outcome.is_complete
    assert "Nothing was left" not in said(outcome) + page
    if thrown_away:
        assert (outcome.ended, outcome.plan.is_lost) == ("unverified", True)
        assert said(outcome).startswith("Not verified: MemOS shows nothing of what could be asked")
    else:
        assert (outcome.ended, outcome.left) == ("partial", "begun elsewhere")
        assert said(outcome).startswith("Not complete: an erasure of the same id, begun in another")
        ended = await erased(ours, tmp_path, "c.zip")
        assert (ended.ended, ended.is_complete) == ("complete", True)
        told = said(ended)
        assert "afterwards, there: memos-admin --project same subject erase ann" in told
        assert "first, there" not in told
        planned = await plan(again, order, archive=False, archive_to=tmp_path / "d.zip")
        final = await erase(again, planned, wait=at_once)
        assert (final.is_complete, final.plan.begun_elsewhere) == (True, ())
        runs = json.loads(final.receipts[0].read_text())["runs_elsewhere"]
        assert [(run["project"], run["request"], run["ended"]) for run in runs] == [
            ("test", "DSR-18", "partial"), ("test", "DSR-18", "complete"),
        ]  # fmt: skip
        page, told = page_of(final), said(final)
        for run, was in zip(runs, (first, ended), strict=True):
            file = was.receipts[0]
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            assert (run["receipt"], run["receipt_sha256"]) == (file.name, digest)
            assert run["began_at"] == utc_text(was.began_at)
            assert digest in page
            assert f"Its receipt: {file}" in told
        assert str(tmp_path) not in page
        assert "for DSR-18 in project test: complete" in page
    await again.close()


async def test_an_id_that_another_project_has_on_its_roster_alone_is_left_and_taken_off(
    two: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    ours, same = two
    await roster.remove_subject(same, ANN)
    await roster.add_subjects(same, [ANN])
    outcome = await erased(ours, tmp_path)
    assert (outcome.ended, outcome.left) == ("partial", "elsewhere")
    assert "has this id on its roster, and nothing else of it. The id is personal" in said(outcome)
    assert "memos-admin --project same users remove ann" in said(outcome)
    assert "0 conversations" not in said(outcome) + page_of(outcome)
    assert "--project same users remove" in page_of(outcome)
    await roster.remove_subject(same, ANN)
    assert (await erased(ours, tmp_path, "b.zip")).is_complete


async def test_what_was_tried_is_known_after_it_was_erased_here_alone(
    known: Workspace, tmp_path: Path
) -> None:
    service = Keeping()
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", a_message("I like tea."))
    known.use_remote(service)
    outcome = await erased(known, tmp_path)
    assert (outcome.ended, outcome.left, is_stored(known)) == ("partial", "service", True)
    told, page = said(outcome), page_of(outcome)
    assert "Still served: messages of 1 conversation." in told
    assert "all the same: memos-admin --project test store forget --user ann" in told
    assert "ask whoever runs MemOS to delete it" in told
    assert "ask whoever runs it, or erase the copy here all the same (store forget)" in page
    assert "--user" not in page
    await forgetting.forget(known, ANN, silently)
    await add_subjects(known, [ANN])
    with known.open_reads() as reads:
        subject = reads.subject(ANN)
    assert subject is not None
    unfinished_text = unfinished_erasures.of(subject)
    assert "MemOS still showed something of it when it was last asked. The copy" in unfinished_text
    before = erased_before.said_of(subject)
    assert before.startswith("Erased before, here alone, on ")
    assert "MemOS still showed something of it when it was last asked." in before
    assert "in MemOS and here" not in before
    assert cell(SUBJECT_COLUMNS[2], subject, 0, (), 12).strip() == "problem"
    (document_text,) = lacking.erased(subject)
    assert "MemOS still showed something of this id when it was last asked" in document_text
    again = await erased(known, tmp_path, "b.zip")
    assert (again.ended, again.is_complete, again.shown) == ("unverified", False, "not all")
    assert "What MemOS had after an earlier attempt" in page_of(again)
    assert "**Read back then:** MemOS still shows something" in page_of(again)
    assert "**Read back:** what could be asked for shows nothing; not all" in page_of(again)
    assert "Nothing was" not in page_of(again) + said(again)
    for text in (page_of(again), said(again)):
        assert "whether MemOS has let go of that is not known" in text.replace("\n", " ")
        assert "nothing any more" not in text
        assert "nothing of it any more." not in text.replace(
            "shows nothing of it any more. Not all", ""
        )
    assert_only_the_id_is_left(known)
    assert "The id stays in the list of users, marked" in said(again)
    assert "**The id:** kept in the list of users, marked" in page_of(again)
    assert json.loads(again.receipts[0].read_text())["here"]["id_kept"] is True
    await roster.remove_subject(known, ANN)
    assert not is_stored(known)
    told_of = erased_before.of_nobody(known.home, known.project, ANN)
    assert "An erasure for DSR-18, begun" in told_of
    assert "in MemOS and here" not in told_of
    planned = await plan(known, ORDER, archive_to=tmp_path / "c.zip")
    assert [one.sent for one in planned.earlier] == [True, True]
    last = await erase(known, planned, wait=at_once)
    assert (last.ended, last.problem, last.is_complete) == ("unverified", "", False)
    (earlier,) = json.loads(again.receipts[0].read_text())["earlier_attempts"]
    assert (earlier["erased_here"], earlier["still_shown"]) == (True, True)
    assert earlier["found"]["messages"] == 1
    assert (
        earlier["archive_sha256"] == hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    )


def assert_only_the_id_is_left(workspace: Workspace) -> None:
    """Whom somebody has to end an erasure of is in the list of users, marked, and nothing else of it is stored."""
    with workspace.open_reads() as reads:
        subject = reads.subject(ANN)
    assert subject is not None
    assert (subject.messages, subject.memories, subject.conversations) == (0, 0, 0)
    assert "The copy here was erased since" in (row_of(subject)["problem"] or "")
    assert cell(SUBJECT_COLUMNS[2], subject, 0, (), 12).strip() == "problem"
    held = forgetting.look(workspace.home, workspace.project, ANN).held
    assert held is not None
    assert (held.memory_versions, held.message_versions, held.let_go_alone) == (0, 0, 0)


async def test_an_erasure_that_was_begun_is_known_after_its_user_was_removed(
    known: Workspace, tmp_path: Path
) -> None:
    """Who is removed and added again is marked as before, in its file under a digest."""
    service = Keeping()
    service.put("ann", a_memory("m1"))
    service.say("ann", "c1", a_message("I like tea."))
    known.use_remote(service)
    assert (await erased(known, tmp_path)).left == "service"
    with known.open_reads() as reads:
        subject = reads.subject(ANN)
    assert subject is not None
    warned = unfinished_erasures.before_removal(subject)
    assert "An erasure for DSR-18, begun" in warned
    assert "is told when the id is added again. The ids by which MemOS is asked" in warned
    question = before_removal(subject, None).text
    assert warned in question
    assert "MemOS keeps what it has." not in question
    await roster.remove_subject(known, ANN)
    assert not is_stored(known)
    assert "ann" not in (known.project.store_dir / "unerased.json").read_text()
    assert "An erasure for DSR-18" in erased_before.of_nobody(known.home, known.project, ANN)
    await add_subjects(known, [ANN])
    with known.open_reads() as reads:
        subject = reads.subject(ANN)
    assert "The copy here was erased since" in unfinished_erasures.of(subject)
    (attempt,) = (await plan(known, ORDER, archive_to=tmp_path / "b.zip")).earlier
    assert (attempt.sent, attempt.still_shown, attempt.erased_here) == (True, True, True)


async def test_without_room_here_memos_is_not_asked_to_delete(
    known: Workspace, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is the archive that takes it."""
    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    usage, archived = shutil.disk_usage(tmp_path), tmp_path / "a.zip"
    free = [usage.free]

    def short(_folder: object) -> object:
        return usage._replace(free=1_000_000 if archived.exists() else free[0])

    monkeypatch.setattr(shutil, "disk_usage", short)
    with pytest.raises(StoreError, match=r"Free some space.* Nothing was erased\."):
        await erase(known, planned, wait=at_once)
    assert archived.exists()
    free[0], archived = 1_000_000, tmp_path / "none.zip"
    planned = await plan(known, ORDER, archive_to=tmp_path / "b.zip")
    assert "which needs" in "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    with pytest.raises(StoreError, match=r"Free some space.* Nothing was erased\."):
        await erase(known, planned, wait=at_once)
    assert not (tmp_path / "b.zip").exists()
    assert (is_stored(known), receipts(tmp_path)) == (True, [])
    with known.open_reads() as reads:
        assert reads.setting(erasures_of(ANN)) is None
    assert ("user", "ann") in service.memories
    free[0] = usage.free
    assert (await erased(known, tmp_path, "c.zip")).ended == "complete"


async def test_a_disk_that_fills_up_once_the_rows_are_gone_leaves_it_partial(
    known: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_connection: object) -> bool:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_vacuum", full)
        outcome = await erased(known, tmp_path)
    assert (outcome.ended, outcome.problem, is_stored(known)) == ("partial", "", False)
    assert "Erased here: 1 conversation, " in said(outcome)
    assert "Not erased: What was removed from " in said(outcome)
    assert "was lost" not in said(outcome)
    receipt = json.loads(outcome.receipts[0].read_text())
    assert (receipt["here"]["erased"], receipt["here"]["remain"]) == (True, 1)
    again = await erased(known, tmp_path, "b.zip")
    assert (again.ended, again.is_complete, is_stored(known)) == ("complete", True, False)


async def test_what_is_others_too_stays_and_is_in_the_receipt(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    group = a_message("Ann's words.")
    group = replace(group, role_id="ann", role_name="Ann", raw={**group.raw, "role_id": "ann"})
    named, other = (replace(a_message(text), role_name=text) for text in ("Ann", "Carl"))
    service.say("bob", "c1", group, named, other)
    service.put("bob", a_memory("b1"))
    assert (await sync(known, SyncScope((BOB,), full=True))).complete
    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert "Stays: 1 message in group conversations of others (bob)" in lines
    unknown = "Stays: 1 message in conversations of others with this name and no id"
    assert unknown in lines
    outcome = await erase(known, planned, wait=at_once)
    receipt = json.loads(outcome.receipts[0].read_text())
    assert receipt["here"]["messages_in_conversations_of_others"] == 1
    assert receipt["here"]["messages_there_with_a_name_only"] == 1
    assert any("has the same name and no id" in text for text in receipt["not_verified"])
    assert any("group conversation" in text for text in receipt["not_verified"])


async def test_a_receipt_is_chinese_where_the_document_is(known: Workspace, tmp_path: Path) -> None:
    planned = await plan(known, replace(ORDER, language="zh"), archive_to=tmp_path / "a.zip")
    outcome = await erase(known, planned, wait=at_once)
    texts = {path.suffix: path.read_text() for path in outcome.receipts}
    assert "删除回执" in texts[".html"]
    assert "删除回执" in texts[".md"]
    assert texts[".json"].isascii()
    with written_in("zh"):
        assert "ann：已完成\n" in said(outcome)
    assert not any("ann" in text or "dog" in text for text in texts.values())


async def test_a_receipt_that_cannot_be_written_is_told(known: Workspace, tmp_path: Path) -> None:
    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    planned = replace(planned, receipts=tmp_path / "none")
    outcome = await erase(known, planned, wait=at_once)
    assert (outcome.ended, outcome.is_complete) == ("complete", False)
    assert "The receipt could not be written." in said(outcome)


class Shared(Service):
    """A service that has a memory under its id as long as anybody lists it, and says whose it is, or does not."""

    owner: str | None = None

    async def get_memory(self, memory_id: str) -> Memory:
        return replace(await super().get_memory(memory_id), user_id=self.owner)


@pytest.mark.parametrize("owner", [None, "bob"])
async def test_a_memory_that_is_listed_for_others_too_is_judged_alike_by_each_run(
    workspace: Workspace, tmp_path: Path, owner: str | None
) -> None:
    """It is listed for them both at first; that it is there by its id then says nothing of the one who is erased."""
    service = Shared()
    service.owner = owner
    workspace.use_remote(service)
    Projects(workspace.home).allow_writes("test", allowed=True)
    for name in ("ann", "bob"):
        service.put(name, a_memory("m1"))
    assert (await sync(workspace, SyncScope((ANN, BOB), full=True))).complete
    first = await erased(workspace, tmp_path)
    assert (first.ended, first.left_to_others, is_stored(workspace)) == ("complete", 1, False)
    told, page = said(first), page_of(first)
    assert told.startswith(
        "Erased, in MemOS and here, but for 1 memory that MemOS lists for others"
    )
    assert "but 1 memory that MemOS lists for others too." in page
    assert "**Still there by id, of others too:** 1 (asked 1 time)" in page
    assert "nothing any more" not in told + page
    await add_subjects(workspace, [ANN])
    again = await erased(workspace, tmp_path, "b.zip")
    assert (again.ended, again.is_complete) == ("nothing", True)


async def test_a_memory_that_is_its_own_as_memos_says_is_not_others_alone(
    workspace: Workspace, tmp_path: Path
) -> None:
    service = Shared()
    service.owner = "ann"
    workspace.use_remote(service)
    Projects(workspace.home).allow_writes("test", allowed=True)
    for name in ("ann", "bob"):
        service.put(name, a_memory("m1"))
    assert (await sync(workspace, SyncScope((ANN, BOB), full=True))).complete
    for number in range(2):
        outcome = await erased(workspace, tmp_path, f"{number}.zip")
        assert (outcome.ended, outcome.left, is_stored(workspace)) == ("partial", "service", True)
        assert "Still there under its id: 1 memory." in said(outcome)
        read_back = json.loads(outcome.receipts[0].read_text())["service"]["read_back"]
        assert (read_back["verdict"], read_back["memories_still_there"]) == ("pending", 1)
        assert "**Readings:** 7 times, until the last one" in page_of(outcome)
        again = ("2 times", "1 time")[number]
        assert f"**Read once more, for the copy here:** {again}, not counted" in page_of(outcome)
        assert "kept here, since" not in page_of(outcome)


async def test_what_changed_or_exists_or_is_not_allowed_ends_it_before_anything_is_done(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    with pytest.raises(NotInRoster):
        await plan(known, replace(ORDER, ref=BOB))
    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    service.put("ann", a_memory("m3"))
    with pytest.raises(CannotDelete, match="something else by now"):
        await erase(known, planned, wait=at_once)
    assert not (await plan(known, ORDER, archive_to=tmp_path / "a.zip")).earlier
    (tmp_path / "a.zip").write_bytes(b"the only copy")
    with pytest.raises(CannotDelete, match="left alone"):
        await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    planned = await plan(known, ORDER, archive_to=tmp_path / "b.zip")
    Projects(known.home).allow_writes("test", allowed=False)
    with pytest.raises(permission.ReadOnly):
        await erase(known, planned, wait=at_once)
    assert len(service.memories["user", "ann"]) == 3
    assert not receipts(tmp_path)


class Interrupted(Service):
    """A service that deletes, and whose answer nobody waits for the first time."""

    interrupts = True

    async def delete_subject(self, kind: Any, external_id: str) -> None:
        await super().delete_subject(kind, external_id)
        if self.interrupts:
            self.interrupts = False
            raise asyncio.CancelledError


def assert_marked(workspace: Workspace) -> None:
    """The user is marked wherever it is shown, also after a sync that read all."""
    with workspace.open_reads() as reads:
        subject = reads.subject(ANN)
    assert subject is not None
    assert subject.problem is None
    assert "An erasure for DSR-18, begun" in unfinished_erasures.of(subject)
    assert "An erasure for DSR-18, begun" in (row_of(subject)["problem"] or "")
    assert cell(SUBJECT_COLUMNS[2], subject, 0, (), 12).strip() == "problem"
    assert "erasure unfinished (! why)" in notes.subject_state(subject, 0, "!")[0]
    trouble = troubles.of_subject(subject, str)
    assert trouble is not None
    assert "Press subject_erase on the user" in trouble.why
    assert_in_the_ledger(workspace, subject)


def assert_in_the_ledger(workspace: Workspace, subject: Subject) -> None:
    """The ledger of everyone and of the user, and what is exported, tell of it too."""
    told = unfinished_erasures.of(subject)
    with workspace.open_reads() as reads:
        (line,) = (one for one in summaries(reads) if one.ref == ANN)
        assert summary_row(line)["problem"] == told
        everyone = ledger(reads, None)
        assert ("erasure", "unfinished of 1 user or agent") in {
            (fact.label, fact.text)
            for _part, some in ledger_words.facts(everyone, str)
            for fact in some
        }
        assert unfinished(reads, 9)[0] == (ANN, told)
        counted = document(reads, everyone)
        assert (counted["with_a_problem"], counted["with_an_unfinished_erasure"]) == (1, 1)
        assert overview.subjects(reads.query, "users", 0, None)["problem"] == 1
        about = manifest.completeness(reads, subject, 0)
        assert (about["last_problem"], about["ledger"]["problem"]) == (told, told)
        assert told in about["said"]
        assert "Of 1 user or agent an erasure is unfinished" in " ".join(
            of_memories(reads, None, 0)
        )
    assert told in bundle.look(workspace, ANN).incomplete


async def interrupted(workspace: Workspace, folder: Path) -> ErasureOutcome:
    """Have an erasure stopped once the deletion was sent, read all, and do it again."""
    service = Interrupted()
    service.put("ann", a_memory("m1"), a_memory("m2", "has a dog"))
    workspace.use_remote(service)
    with pytest.raises(asyncio.CancelledError):
        await erased(workspace, folder)
    for _time in range(2):
        assert (await sync(workspace, SyncScope((ANN,), full=True))).complete
    assert_marked(workspace)
    return await erased(workspace, folder, "b.zip")


async def test_repeated_after_an_interruption_it_asks_for_all_that_was_known(
    known: Workspace, tmp_path: Path
) -> None:
    outcome = await interrupted(known, tmp_path)
    first = hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(outcome.plan, str)))
    assert "An erasure for DSR-18, begun" in lines
    assert f"Its archive has what was there then: {tmp_path / 'a.zip'}, SHA-256 {first}" in lines
    (earlier,) = json.loads(outcome.receipts[0].read_text())["earlier_attempts"]
    assert (earlier["archive_sha256"], earlier["deletion_sent"]) == (first, True)
    page = next(path for path in outcome.receipts if path.suffix == ".md").read_text()
    assert "Earlier attempt" in page
    for name, among in (("a.zip", False), ("b.zip", True)):
        with zipfile.ZipFile(tmp_path / name) as archive:
            for told in ("your-data.html", "your-data.md"):
                text = archive.read(told).decode()
                assert ("For the request DSR-18 all of this was to be erased." in text) is among
    assert "a.zip" not in page
    with known.open_reads() as reads:
        assert reads.setting(erasures_of(ANN)) is None
    assert outcome.service.read is not None
    assert outcome.plan.service.memories == 0
    assert set(outcome.plan.service.gone) == {"m1", "m2"}
    assert (outcome.service.read.known, outcome.ended) == (Check(2, 2), "complete")
    receipt = json.loads(outcome.receipts[0].read_text())
    assert receipt["service"]["before"]["memories_gone_known"] == 2
    assert receipt["service"]["read_back"]["memories_asked_by_id"] == 2
    assert "And by their ids: 2 memories that were listed no more already." in said(outcome)


async def test_each_attempt_is_told_by_what_came_of_it(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    """One that left something, one that was killed, one whose reading back had no answer, one that was left in it."""
    kept = service.memories["user", "ann"]["m2"]
    run, is_sent = "", False

    def trouble(route: str, name: str) -> None:
        nonlocal is_sent
        if route == "/delete/memory":
            is_sent = True
            if run == "killed":
                raise asyncio.CancelledError
            if run in {"unread", "left"}:
                raise NotFound("There is no such user.")
        elif is_sent and run == "still":
            service.details["m2"] = kept
        elif is_sent and (run, route) == ("unread", "/search/memory"):
            raise Busy("Not now.")
        elif is_sent and run == "left":
            raise RuntimeError

    async def begin(name: str) -> ErasureOutcome:
        nonlocal run, is_sent
        run, is_sent = name, False
        service.details.clear()
        return await erased(known, tmp_path, f"{name}.zip")

    service.trouble = trouble
    assert (await begin("still")).ended == "partial"
    with pytest.raises(asyncio.CancelledError):
        await begin("killed")
    third = await begin("unread")
    assert third.ended == "unverified"
    assert "2 searches" in page_of(third).split("## What could not be verified")[1]
    with pytest.raises(RuntimeError):
        await begin("left")
    last = await begin("last")
    assert last.ended == "complete"
    assert [
        text.rpartition(": ")[2] for text in map(unfinished_erasures.text_of, last.plan.earlier)
    ] == [
        "the deletion was sent, and MemOS still showed something of it when it was last asked.",
        "the deletion was sent, or was about to be.",
        "MemOS said that it has nothing of it, and could not be read back whole.",
        "MemOS answered the deletion, and was not read back to the end.",
    ]
    told = re.findall(r"\*\*((?:Done|Read back) then):\*\* (.*)", page_of(last))
    assert told == [
        ("Done then", "MemOS said that it was done"),
        ("Read back then", "MemOS still shows something"),
        ("Done then", "the deletion was sent to MemOS, or was about to be"),
        ("Done then", "MemOS said that it has nothing of it"),
        ("Read back then", "not verified: it could not be read back whole"),
        ("Done then", "MemOS answered it"),
        ("Read back then", "not to the end"),
    ]
    about = json.loads(last.receipts[0].read_text())["earlier_attempts"]
    assert [(one["carried_out"], one["shown"]) for one in about] == [
        ("done", "something"),
        (None, None),
        ("absent", "unread"),
        ("answered", None),
    ]


async def test_what_is_listed_no_more_and_still_there_by_its_id_is_not_erased(
    known: Workspace, service: Service, tmp_path: Path
) -> None:
    kept = service.memories["user", "ann"].pop("m2")
    service.details["m2"] = kept
    for _time in range(2):
        assert (await sync(known, SyncScope((ANN,), full=True))).complete
    outcome = await erased(known, tmp_path)
    assert outcome.service.read is not None
    assert (outcome.service.read.known.left, outcome.ended) == (("m2",), "partial")
    assert is_stored(known)


async def test_somebody_who_was_erased_is_known_again(
    known: Workspace, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occasion, "_present", occasion.present())
    occasion.change(ticket="DSR-18")
    first = await erased(known, tmp_path)
    assert first.ended == "complete"
    with pytest.raises(NotInRoster, match=r"Erased before, in MemOS and here, on .*, for DSR-18\."):
        await plan(known, ORDER, archive_to=tmp_path / "b.zip")
    await add_subjects(known, [ANN])
    planned = await plan(known, ORDER, archive_to=tmp_path / "b.zip")
    assert planned.finds_nothing
    lines = "\n".join(map(text_of, erasure_wording.plan_lines(planned, str)))
    assert "Erased before, in MemOS and here, on " in lines
    assert "Nothing is found to delete" in lines
    again = await erase(known, planned, wait=at_once)
    assert (again.ended, again.is_complete, is_stored(known)) == ("nothing", True, False)
    assert (
        "Nothing was found to delete, in MemOS or here.\nErased before, in MemOS and here, on "
        in said(again)
    )
    receipt = json.loads(again.receipts[0].read_text())
    assert (receipt["ended"], receipt["erased_before"]["request"]) == ("nothing", "DSR-18")
    page = next(path for path in again.receipts if path.suffix == ".md").read_text()
    assert "Nothing was found to delete" in page
    assert "Erased before" in page
    # What found nothing is not what erased somebody: the first one is told.
    service.put("ann", a_memory("m9"))
    assert (await sync(known, SyncScope((ANN,), full=True))).complete
    with known.open_reads() as reads:
        subject = reads.subject(ANN)
        found = [*ledger_words.facts(ledger(reads, ANN), str)]
    assert subject is not None
    told = erased_before.said_of(subject)
    assert told.startswith(
        f"Erased before, in MemOS and here, on {receipt['erased_before']['at']}, for DSR-18. "
    )
    assert told.endswith("It is back: MemOS lists 1 memory of it.")
    assert told in (row_of(subject)["problem"] or "")
    assert told in str(found)
    assert cell(SUBJECT_COLUMNS[2], subject, 0, (), 12).strip() == "erased"
    assert "erased before (! when) · synced" in notes.subject_state(subject, 0, "!")[0]
    trouble = troubles.of_subject(subject, str)
    assert trouble is not None
    assert told in trouble.why
    with known.open_reads() as reads:
        about = manifest.completeness(reads, subject, 0)
    assert (about["erased_before"], about["ledger"]["erased_before"]) == (told, told)
    assert (about["last_problem"], about["ledger"]["problem"]) == (None, None)
    assert about["ledger"]["with_a_problem"] == 0
    assert (await erased(known, tmp_path, "c.zip")).ended == "complete"
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        for page in ("your-data.html", "your-data.md"):
            text = archive.read(page).decode()
            assert "For the request DSR-18 all that was stored of this id was erased on 20" in text
    await add_subjects(known, [BOB])
    with known.open_reads() as reads:
        assert erased_before.of(reads.subject(BOB)) is None


async def test_removed_here_alone_is_not_erased(known: Workspace) -> None:
    await forgetting.forget(known, ANN, silently)
    await add_subjects(known, [ANN])
    with known.open_reads() as reads:
        assert erased_before.of(reads.subject(ANN)) is None


async def test_each_step_that_is_reached_is_told(known: Workspace, tmp_path: Path) -> None:
    planned, reached = await plan(known, ORDER, archive_to=tmp_path / "a.zip"), list[Reached]()
    await erase(known, planned, on_reached=reached.append, wait=at_once)
    assert [one.step for one in reached] == [
        "archived",
        "sending",
        "answered",
        "read back",
        "erased here",
    ]
    told = [
        "\n".join(map(text_of, erasure_wording.interrupted_lines(planned, one)))
        for one in (None, *reached)
    ]
    assert told[0] == "Nothing was sent to MemOS, and nothing was erased here."
    archived = f"Archived to {tmp_path / 'a.zip'}\n"
    assert all(text.startswith(archived) for text in told[1:])
    assert "Nothing was sent to MemOS" in told[1]
    assert ["Not erased here" in text for text in told[2:]] == [True, True, True, False]
    assert told[-1].endswith("Erased here. No receipt was written.")


@pytest.mark.parametrize("route", ["/delete/memory", "/get/memory", "/get/memory/{id}"])
async def test_what_nobody_foresaw_after_the_deletion_was_sent_leaves_the_user_marked(
    known: Workspace, service: Service, tmp_path: Path, route: str
) -> None:
    def breaks(asked: str, _name: str) -> None:
        if asked == route and service.requests["/delete/memory"]:
            raise RuntimeError("nobody foresaw this")

    service.trouble = breaks
    with pytest.raises(RuntimeError, match="nobody foresaw this"):
        await erased(known, tmp_path)
    service.trouble = lambda _route, _name: None
    assert_marked(known)
    outcome = await erased(known, tmp_path, "b.zip")
    (earlier,) = json.loads(outcome.receipts[0].read_text())["earlier_attempts"]
    assert (earlier["deletion_sent"], outcome.ended) == (True, "complete")


@pytest.mark.parametrize("error", [journal.NotJournaled("No disk."), RuntimeError("nobody")])
async def test_what_fails_before_the_deletion_is_sent_leaves_no_mark(
    known: Workspace,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fails(*_: object) -> None:
        raise error

    planned = await plan(known, ORDER, archive_to=tmp_path / "a.zip")
    with monkeypatch.context() as failing:
        failing.setattr(journal, "begin", fails)
        with pytest.raises(type(error)):
            await erase(known, planned, wait=at_once)
    assert len(service.memories["user", "ann"]) == 2
    assert not (await plan(known, ORDER, archive_to=tmp_path / "b.zip")).earlier


async def test_what_the_store_cannot_take_in_afterwards_is_told(
    known: Workspace, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def accepted(_self: Workspace) -> None:
        if service.requests["/delete/memory"]:
            raise HomeError("The configuration cannot be written.")

    monkeypatch.setattr(Workspace, "key_was_accepted", accepted)
    outcome = await erased(known, tmp_path)
    assert outcome.service.not_kept == "The configuration cannot be written."
