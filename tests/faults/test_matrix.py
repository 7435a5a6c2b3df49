"""Some cells of the table of `python -m tests.faults`, which prints and tries all of them."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from memos_admin.emulator.faults import KINDS, parse_fault
from tests.effort import LONG
from tests.faults.__main__ import asked
from tests.faults.matrix import FAULTS, LEGEND, Cell, Fault, cell, differently_said
from tests.faults.operations import OPERATIONS

SOME = list(zip(FAULTS[:: 2 if LONG else 3], cycle(OPERATIONS), strict=False))


def test_every_fault_of_the_emulator_is_tried() -> None:
    assert {parse_fault(fault.spec).name for fault in FAULTS} == set(KINDS)


@pytest.mark.parametrize(
    ("fault", "operation"), SOME, ids=[f"{fault.spec}-{name}" for fault, name in SOME]
)
def test_under_a_fault_nothing_is_lost_and_the_truth_is_told(
    fault: Fault, operation: str, made: Path, tmp_path: Path
) -> None:
    assert cell(fault, operation, made, tmp_path).flaws == []


def test_what_an_answer_to_a_search_leaves_out_is_told(made: Path, tmp_path: Path) -> None:
    fault = next(each for each in FAULTS if each.spec == "missing-fields")
    found = cell(fault, "search remote", made, tmp_path)
    assert (found.word, found.flaws) == ("told", [])


def test_the_same_trouble_has_to_be_told_in_the_same_words() -> None:
    fault = FAULTS[0]
    cells = [
        Cell(fault, "a", troubles=frozenset({"it is slow (12 s)"})),
        Cell(fault, "b", troubles=frozenset({"it is slow, for another 7 s"})),
    ]
    assert differently_said(cells) == []
    cells.append(Cell(fault, "c", troubles=frozenset({"it takes long"})))
    assert differently_said(cells) == ["says it is slow / it takes long"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--only", "sync", "export"],
            "'sync' is no operation; there are 'open a user', 'sync one'",
        ),
        (["nothing"], "no fault begins with 'nothing'; there are latency:ms=3"),
    ],
)
def test_the_table_says_what_there_is(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        asked(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_table_can_be_of_some() -> None:
    faults, operations = asked(["drip", "reset:every", "--only", "edit"])
    assert [fault.spec.partition(":")[0] for fault in faults] == ["reset", "drip", "drip"]
    assert operations == ["edit"]
    assert asked([]) == (list(FAULTS), list(OPERATIONS))


def test_its_words_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    fault = FAULTS[0]
    cells = (Cell(fault, "a"), Cell(fault, "a", whole=False), Cell(fault, "a", flaws=["it is"]))
    assert {each.word for each in cells} == set(LEGEND)
    with pytest.raises(SystemExit):
        asked(["--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in (*LEGEND, *OPERATIONS, *(each.spec for each in FAULTS)))
