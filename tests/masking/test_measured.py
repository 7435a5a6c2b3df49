"""How much is found of what was labelled by hand; docs/screen-safe-mode.md has the figures."""

from __future__ import annotations

from tests.masking.labelled import LANGUAGES, sentences
from tests.masking.measure import measured, total

LEAST = {
    "english": 0.92,
    "chinese": 0.89,
    "english-unseen": 0.82,
    "chinese-unseen": 0.9,
    "chats": 0.97,
    "chats-unseen": 0.91,
    "talks-unseen": 0.72,
    "broken-unseen": 0.97,
}
"""Recall below the measured one, so that a change of the finder that loses something is seen."""


def test_the_labelled_set_is_large_and_has_what_is_not_to_be_found() -> None:
    of = {language: sentences(language) for language in LANGUAGES}
    assert sum(map(len, of.values())) > 350
    for some in of.values():
        parts = sum(len(sentence.parts) for sentence in some)
        without = [sentence for sentence in some if not sentence.parts]
        assert parts >= 30
        assert len(without) >= 15
        assert len({sentence.text for sentence in some}) == len(some)


def test_most_is_found_and_nothing_else_is() -> None:
    found = measured()
    for language, least in LEAST.items():
        whole = total(found, language)
        assert whole.wrong == []
        assert whole.recall >= least
