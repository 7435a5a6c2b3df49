"""Where screens and commands show the beginning of a text, no half of what is masked is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from memos_admin.backend import display
from memos_admin.backend.authors import Writer
from memos_admin.backend.changing.lines import text_of
from memos_admin.backend.changing.plan import NO_EDIT, Plan, Step
from memos_admin.backend.changing.said import Said
from memos_admin.backend.changing.wording import plan_lines
from memos_admin.backend.evidence.checking import Said as SaidBefore
from memos_admin.backend.evidence.checking import check
from memos_admin.backend.evidence.facts import known
from memos_admin.backend.evidence.support import SourceLink, Support
from memos_admin.backend.evidence.wording import explained
from memos_admin.backend.hygiene.finding import Hit, finding
from memos_admin.backend.hygiene.wording import reason
from memos_admin.backend.masking.veil import Veil
from memos_admin.backend.recall.explaining import Row
from memos_admin.backend.recall.questions import LONGEST_NAME, Saved
from memos_admin.cli.evidence.rows import link_rows
from memos_admin.tui.jobs.queueing import MESSAGE_CUT
from memos_admin.tui.layout.detail import cut_message
from memos_admin.tui.layout.evidence import READ, Paragraph, as_content
from memos_admin.tui.rows.main import TITLE_READ, title_of
from tests.backend.stored import stored_message
from tests.hygiene.labelled import memory_of

if TYPE_CHECKING:
    from memos_admin.backend.model import Reads

ADDRESS = f"{'anna.' * 10}keller@{'example' * 8}.org"
PARTS = "anna", "keller", "example"


@pytest.fixture(autouse=True)
def _veil() -> Iterator[None]:
    display.draw(Veil(b"k" * 32))
    yield
    display.draw(None)


def of_store(text: str) -> str:
    row = Row("m1", "preference", None, text, None, None, None, None, None, None)
    return display.masked(row.said)


def of_a_plan(text: str) -> str:
    plan = Plan(
        "delete", (Step("delete", Said("m1", "preference", None, text, None), NO_EDIT),), "p"
    )
    return display.masked("\n".join(map(text_of, plan_lines(plan, str.upper))))


def of_a_message(text: str) -> str:
    """The reader cut it."""
    message = stored_message(1, text[:MESSAGE_CUT])._replace(length=len(text))
    return display.masked(cut_message(message))


def of_a_paragraph(text: str) -> str:
    return as_content([Paragraph("", text[:READ], ((0, 1), (READ - 9, READ)))]).plain


def of_a_row(text: str) -> str:
    return display.one_line(title_of(memory_of(1, text[:TITLE_READ])), 300)


@pytest.mark.parametrize("shown", [of_store, of_a_plan, of_a_message, of_a_paragraph, of_a_row])
def test_what_is_cut_shows_no_half_of_what_is_masked(shown: Callable[[str], str]) -> None:
    for before in range(0, len(ADDRESS), 7):
        # Masks are shorter than what they stand for: what is read ends within what is shown.
        seen = shown("旅" * before + f"{ADDRESS}，" * 50)
        assert [part for part in PARTS if part in seen] == []
        assert seen.count("[e-mail") > 1


@pytest.mark.parametrize(
    ("memory", "said", "shown"),
    [
        # Numbers, dates and codes that stand as they are in both texts.
        ("The user keeps 2,500 hens.", "I keep 2,800 hens.", ("“2,500”", "“2,800”")),
        ("用户的订单是 W-88213。", "订单是 W-88231。", ("“W-88213”", "“W-88231”")),
        ("Moved in on 24 July 2025.", "Moved in on 14 July 2025.", ("“24 July 2025”",)),
        # Known for what they are by what stands around them.
        (
            "The user's login code is 482913.",
            "My login code is 482931.",
            ("says “[secret *]”. This number", "says “[secret *]”."),
        ),
        # Once by itself, once within something that is masked.
        (
            "Call 13800421234. The user has 42 hens.",
            "Call 13800421234. I have 13 hens.",
            ("“42”", "“13”"),
        ),
    ],
)
def test_reasons_show_of_numbers_what_the_texts_show(
    memory: str, said: str, shown: tuple[str, ...]
) -> None:
    found = check(memory, [SaidBefore(said, "user", 1)], known([(said, None)])) or []
    support = Support(1, 1, "m1", None, "user", (), 1, 1, (), (), None, partly=False)
    told = display.masked(" ".join(explained(one, support) for one in found))
    assert [part for part in shown if part not in told] == [], told
    assert "4829" not in told


def test_words_of_both_are_none_of_a_mask() -> None:
    link = SourceLink("c", 1, 1, Writer("user", "user"), "quoted text", ())
    support = Support(1, 1, "m1", None, "user", (link,), 1, 1, (), (), None, partly=False)
    texts = {1: "My phone: 138-0013-8000, card 4111 1111 1111 1111. 我的电话是138-0013-8000。"}
    reads = cast("Reads", SimpleNamespace(message_text=texts.__getitem__))
    memory = "用户的电话是13800138000. The user pays by 4111 1111 1111 1111."
    (row,) = link_rows(reads, memory_of(1, memory), support)
    assert row["words"] == ["的电话是"]


def test_a_clause_with_numbers_that_a_scan_quotes_is_shown_as_it_is_in_its_text() -> None:
    memories = memory_of(1, "Has 42 hens since 2024."), memory_of(2, "Has 40 hens since 2024.")
    hit = Hit("number", ("Has 42 hens since 2024", "Has 40 hens since 2024"))
    told = display.masked(reason(finding("contradiction", memories[0], hit, memories[1])))
    assert "“Has 42 hens since 2024”" in told
    assert "“Has 40 hens since 2024”" in told


def test_words_that_are_quoted_show_no_part_of_what_is_masked_where_they_stand() -> None:
    said = "I use alice.cooper@example.org for work."
    memory = (
        "The user does not use alice.cooper@example.org, but writes as Alice.Cooper7@example.org."
    )
    (denial, name) = sorted(
        check(memory, [SaidBefore(said, "user", 1)], known([(said, None)])) or [],
        key=lambda one: one.kind == "name",
    )
    assert (denial.memory, name.memory) == (("The user does not use alice",), ("Alice.Cooper7",))
    support = Support(1, 1, "m1", None, "user", (), 1, 1, (), (), None, partly=False)
    for one in (denial, name):
        told = explained(one, support)
        assert "[e-mail ***]" in told
        assert "alice" not in told.casefold()
    found = finding(
        "contradiction",
        memory_of(1, memory),
        Hit("negation", (denial.memory[0], "I use alice")),
        memory_of(2, said),
    )
    assert reason(found).count("[e-mail ***]") == 2
    assert "alice" not in reason(found)
    assert display.quoted("never said", [memory]) == "never said"


def test_a_question_that_is_called_by_its_beginning_shows_no_half_of_what_is_masked() -> None:
    text = f"{'山' * (LONGEST_NAME - 20)}{ADDRESS} and more"
    saved = Saved(text[:LONGEST_NAME], "ann", text)
    assert saved.called.endswith("山[e-mail ****]")
    assert replace(saved, name="By a name").called == "By a name"
