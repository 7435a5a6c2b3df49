"""How much is found of what was labelled by hand; docs/evidence.md has the figures."""

from __future__ import annotations

import pytest

from docs.make import FOLDER
from memos_admin.backend.model import Reads
from tests.evidence.labelled import LABELS, LANGUAGES, demo_labels, scenes
from tests.evidence.measure import MEASURED, Measured, of_demo, of_labelled, table, total

LEAST = {
    "english": (1.0, 1.0),
    "chinese": (0.97, 0.97),
    "english-unseen": (0.96, 0.85),
    "chinese-unseen": (0.94, 0.97),
    "spellings-unseen": (0.97, 1.0),
    "spoken-unseen": (0.64, 1.0),
    "support-english-unseen": (1.0, 0.96),
    "support-chinese-unseen": (0.96, 0.93),
    "support-later-unseen": (0.81, 0.81),
    "new-user": (1.0, 1.0),
    "everyday": (0.97, 1.0),
    "everyday-unseen": (1.0, 0.65),
    "several-chinese": (1.0, 0.83),
    "across": (1.0, 1.0),
    "demo": (1.0, 1.0),
}
"""Precision and recall that were reached, so that a change of the rules that loses something is seen."""


@pytest.fixture(scope="module")
def found(demo_reads: Reads) -> list[Measured]:
    """The figures of all sets."""
    return [*of_labelled(), *of_demo(demo_reads)]


def test_the_labelled_sets_are_large_and_have_every_kind_and_what_is_right() -> None:
    memories = {
        language: [one for scene in scenes(language) for one in scene.memories]
        for language in LANGUAGES
    }
    assert sum(map(len, memories.values())) > 240
    for some in memories.values():
        assert {label for one in some for label in one.labels} >= {*LABELS}
        assert sum(not one.labels for one in some) >= 15
        assert len({one.text for one in some}) == len(some)
    assert {label for some in demo_labels().values() for label in some} == {*LABELS, "other"}


@pytest.mark.parametrize("name", LEAST)
def test_no_less_is_found_than_was_reached(found: list[Measured], name: str) -> None:
    whole = total(found, name)
    precision, recall = LEAST[name]
    assert whole.labelled
    assert whole.precision >= precision
    assert whole.recall >= recall


def test_the_page_has_the_figures(found: list[Measured]) -> None:
    assert table(found) in (FOLDER / "evidence.md").read_text("utf-8")


def test_each_kind_of_check_is_measured(found: list[Measured]) -> None:
    assert {one.kind for one in found if one.labelled} == {*MEASURED}
