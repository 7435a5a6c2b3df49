"""What is said of an erasure, in each state that it can end in: no two sentences contradict each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.outcome import Carried
from memos_admin.backend.changing.subject import SubjectOutcome
from memos_admin.backend.changing.subject_reading import Check, SubjectRead
from memos_admin.backend.erasing.plan import Erased, Kept
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.projects.elsewhere import Elsewhere
from memos_admin.backend.subject_access import erasure_wording, receipt, receipt_page
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.ended_wording import Ending, ending
from memos_admin.backend.subject_access.erasure_outcome import Ended, ErasureOutcome, Left
from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
from memos_admin.backend.subject_access.erasure_planning import plan
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cli.changing.subject import subject_document
from memos_admin.cloud.errors import Busy, CloudError, NotFound, Refused
from memos_admin.store.erasures import Attempt
from tests.backend.service import Service, a_memory, a_message

ANN = SubjectRef("user", "ann")

ALL = SubjectRead(Check(1, 1), Check(2, 2), conversations=Check(1, 1), searches=Check(1, 1))
LEFT = Check(1, 1, ("m1",))
READS = (
    ALL,
    SubjectRead(Check(1, 1)),
    replace(ALL, others=LEFT),
    replace(ALL, others=LEFT, own=("m2",), readings=7),
    replace(ALL, listing=LEFT),
    replace(ALL, memories=LEFT),
    replace(ALL, conversations=LEFT),
    replace(ALL, searches=LEFT),
    replace(ALL, searches=Check(1, 0, (), Busy("Not now."))),
    SubjectRead(Check(1, 0, (), Busy("Not now.")), Check(2), conversations=Check(1)),
)
ANSWERS: tuple[tuple[Carried, CloudError | None], ...] = (
    ("done", None),
    ("unknown", Busy("Not now.")),
    ("refused", NotFound("There is no such user.")),
)
BEGUN = Attempt(1, "T-1", "ab", sent=True, memories=9, messages=9, conversations=9)
BEFORE = (
    (),
    (BEGUN,),
    (replace(BEGUN, still_shown=True),),
    (replace(BEGUN, still_shown=True, erased_here=True),),
    (replace(BEGUN, erased_here=True),),
    (replace(BEGUN, still_shown=True, erased_here=True), replace(BEGUN, at=2, verified=True)),
    (replace(BEGUN, still_shown=True, erased_here=True, memories=0, conversations=0),),
    (
        replace(BEGUN, answer="done", seen="something", still_shown=True),
        replace(BEGUN, at=2, answer="answered"),
        replace(BEGUN, at=3, answer="absent", seen="unread"),
        replace(BEGUN, at=4, answer="unknown", seen="unread"),
        replace(BEGUN, at=5, answer="done", seen="not all"),
    ),
)

ELSEWHERE = (
    (BEGUN,),
    (replace(BEGUN, erased_here=True),),
    (replace(BEGUN, still_shown=True, erased_here=True),),
)
"""Attempts of another project: in the first one its copy is there, in the others it was thrown away."""

SHOWS_NOTHING = r"MemOS shows nothing (any more|of it any more)|: MemOS has nothing of it any more$"
SHOWS_SOMETHING = r"still shows something|^\s*Still [^\n]*: [1-9]|^\* \*\*Still [^\n,]*:\*\* [1-9]"
OTHERS = r"of others too:\*\* [1-9]|lists for others too\.$"
NOT_KNOWN = (
    r"(?i:not) verified|whether MemOS has let go|is not known\.|could not be read back whole"
)
CONTRADICTIONS = (
    (SHOWS_NOTHING, SHOWS_SOMETHING),
    (SHOWS_NOTHING, NOT_KNOWN),
    (SHOWS_NOTHING, OTHERS),
    (
        r"^Complete|^Erased, in MemOS and here",
        r"Not erased|(?i:not) complete|Do it again|Repeat the",
    ),
    (r"^Complete|^Erased, in MemOS and here", NOT_KNOWN),
    (r"^Complete[^,]*$|^Erased, in MemOS and here\.", SHOWS_SOMETHING),
    (r"^Nothing was (found|left)", SHOWS_SOMETHING),
    (r"^Nothing was (found|left)", r"whether MemOS has let go|Not erased|(?i:not) verified"),
    (r"(is|are) kept here, since", r"\*\*Erased:\*\* no:|Not erased here"),
    (r"Not erased here", r"^Erased here"),
    (
        r"^Nothing was erased",
        r"MemOS said that it|\*\*Erased:\*\* \d|needed to see|MemOS has to show",
    ),
    (r"^ann: done", SHOWS_SOMETHING),
    (r"^ann: done", NOT_KNOWN),
    (
        r"^Complete|^Erased, in MemOS|^Nothing was (found|left)",
        r"unfinished: (the deletion|MemOS still)",
    ),
    (SHOWS_NOTHING, r"in project other, not finished"),
)


@pytest.fixture
async def planned(workspace: Workspace, service: Service, tmp_path: Path) -> ErasurePlan:
    service.put("ann", a_memory("m1"), a_memory("m2"))
    service.say("ann", "c1", a_message("I like tea."))
    service.put("bob", a_memory("m1"))
    scope = SyncScope((ANN, SubjectRef("user", "bob")), full=True)
    assert (await sync(workspace, scope)).complete
    return await plan(workspace, Order(ANN, "T-2"), archive_to=tmp_path / "a.zip")


def outcomes(planned: ErasurePlan) -> Iterator[ErasureOutcome]:
    """Yield each outcome that there can be."""
    held = planned.here.held
    assert held is not None
    nothing = replace(held, conversations=0, messages=0, memories=0, shared_memories=0)
    empty = replace(
        planned.service, memories=0, archived=(), gone=(), conversations=(), shared=0, others=()
    )
    refusal = Refused("The key is refused.")
    refused = SubjectOutcome(planned.service, "refused", problem=str(refusal), error=refusal)
    yield ErasureOutcome(planned, refused, 0)
    for earlier, (carried, error), read in product(BEFORE, ANSWERS, READS):
        for service, of_store in ((planned.service, held), (empty, nothing)):
            here = replace(planned.here, held=of_store, attempts=earlier)
            plan_ = replace(planned, service=service, here=here)
            done = SubjectOutcome(service, carried, read, problem=str(error or ""), error=error)
            outcome = ErasureOutcome(plan_, done, 0)
            if not done.is_complete:
                yield outcome
                continue
            yield replace(outcome, problem="The disk is full.")
            yield replace(outcome, erased=Erased(here))
            yield replace(outcome, erased=Erased(here, remains=["A backup is not there."]))


def begun_elsewhere(planned: ErasurePlan) -> Iterator[ErasureOutcome]:
    """Yield each outcome where another project of the same people has begun an erasure of more than is known here."""
    held = planned.here.held
    for attempts, (carried, error), read in product(ELSEWHERE, ANSWERS, READS):
        lost = attempts[0].erased_here
        other = Elsewhere(
            "other", "other", None, Path("store.db"), "key", None if lost else held, "", attempts
        )
        here = replace(planned.here, elsewhere=(other,))
        done = SubjectOutcome(planned.service, carried, read, problem=str(error or ""), error=error)
        outcome = ErasureOutcome(replace(planned, here=here), done, 0)
        yield outcome
        if done.is_complete:
            remains = [] if lost else [elsewhere.text_of(other, ANN)]
            yield replace(outcome, erased=Erased(here, remains=remains))


def partly_erased(planned: ErasurePlan) -> Iterator[ErasureOutcome]:
    """Yield an outcome for each place that a copy may be left in, where nobody has begun an erasure there."""
    done = SubjectOutcome(planned.service, "done", ALL)
    other = Elsewhere("other", "other", None, Path("store.db"), "key", planned.here.held)
    kept = Kept(Path("store.db.replaced"), planned.here.held)
    for others, stores, more in product(((), (other,)), ((), (kept,)), ((), ("A backup.",))):
        here = replace(planned.here, elsewhere=others, replaced=stores)
        remains = ["It is left."] * (len(others) + len(stores)) + [*more]
        yield ErasureOutcome(planned, done, 0, erased=Erased(here, remains=remains))


def test_no_erasure_is_verified_beside_an_unfinished_one_of_another_project(
    workspace: Workspace, planned: ErasurePlan
) -> None:
    for outcome in begun_elsewhere(planned):
        about = receipt.document(workspace, outcome, 0)
        assert outcome.ended not in {"complete", "nothing"}
        read_back = about["service"]["read_back"]
        assert read_back is None or read_back["verdict"] != "verified"
        (begun,) = about["attempts_elsewhere"]
        assert (begun["request"], begun["archive_sha256"]) == ("T-1", "ab")
        page = "".join(receipt_page.page(about, outcome, 0))
        told = "\n".join(map(text_of, erasure_wording.outcome_lines(outcome)))
        assert "--project other store forget" not in told + page


def test_each_end_is_told_in_its_own_words_in_the_receipt_and_on_the_screen(
    workspace: Workspace, planned: ErasurePlan
) -> None:
    words: dict[Ending, set[tuple[str, str | None]]] = {}
    for outcome in (*outcomes(planned), *begun_elsewhere(planned), *partly_erased(planned)):
        told = ending(outcome)
        page = "".join(receipt_page.page(receipt.document(workspace, outcome, 0), outcome, 0))
        assert f"\n\n{told.in_receipt}\n\n" in page
        assert text_of(next(iter(erasure_wording.outcome_lines(outcome)))) == told.to_operator
        words.setdefault(told, set()).add((outcome.ended, outcome.left))
    assert all(len(ends) == 1 for ends in words.values())
    assert {ended for ((ended, _left),) in words.values()} == {*get_args(Ended)}
    assert {left for ((_ended, left),) in words.values()} == {None, *get_args(Left)}
    assert len({one.in_receipt for one in words}) == len({one.to_operator for one in words})
    assert not [one for one in words if "Do it again" in one.in_receipt]
    assert not [one for one in words if "Repeat the" in one.to_operator]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_lines_of_a_part_of_a_receipt_have_the_same_name(
    workspace: Workspace, planned: ErasurePlan, language: str
) -> None:
    planned = replace(planned, order=replace(planned.order, language=language))
    for outcome in outcomes(planned):
        page = "".join(receipt_page.page(receipt.document(workspace, outcome, 0), outcome, 0))
        for part in page.split("\n## ")[:-1]:  # the last one names several attempts
            names = re.findall(r"^\* \*\*([^*]*)\*\*", part, re.MULTILINE)
            assert len(set(names)) == len(names), names


def test_no_two_sentences_of_an_erasure_contradict_each_other(
    workspace: Workspace, planned: ErasurePlan
) -> None:
    for outcome in (*outcomes(planned), *begun_elsewhere(planned), *partly_erased(planned)):
        about = receipt.document(workspace, outcome, 0)
        page = "".join(receipt_page.page(about, outcome, 0))
        told = "\n".join(map(text_of, erasure_wording.outcome_lines(outcome)))
        # What an earlier attempt saw is told as such, and is not what this one did.
        text = "\n".join(line for line in f"{told}\n{page}".split("\n") if " then:" not in line)
        for one, other in CONTRADICTIONS:
            both = [re.search(each, text, re.MULTILINE) for each in (one, other)]
            assert not all(both), (both, outcome.ended, outcome.shown, text)
        told = subject_document(
            outcome.plan.service, outcome.service, all_known=outcome.plan.is_all_known
        )["read_back"]
        if (read_back := about["service"]["read_back"]) is None:
            assert told is None
            assert (about["ended"], about["here"]["erased"]) == ("refused", False)
            continue
        assert (told["verdict"], told["shown"]) == (read_back["verdict"], outcome.shown)
        if (
            read_back["verdict"] == "verified"
        ):  # something was asked for that could show that it is there
            assert read_back["memories_asked_by_id"] or read_back["conversations_asked"]
        if about["ended"] in {"complete", "nothing"}:
            verdict = "listing" if outcome.shown == "listing" else "verified"
            assert (read_back["verdict"], about["here"]["erased"]) == (verdict, True)
            assert not read_back["memories_still_there"]
            assert about["here"]["remain"] == 0
        if outcome.shown == "not all":
            assert (about["ended"] in {"unverified", "partial"}, read_back["verdict"]) == (
                True,
                "unread",
            )
