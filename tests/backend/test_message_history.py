"""What messages said before, with the words that were changed."""

from __future__ import annotations

from memos_admin.backend.history.messages import until_changed
from memos_admin.backend.history.worddiff import marked
from memos_admin.backend.model import MessageVersion


def told(versions: list[MessageVersion], now: str | None) -> list[str]:
    return ["".join(map(marked, parts)) for _, parts in until_changed(versions, now)]


def test_each_version_shows_what_came_in_the_place_of_its_words() -> None:
    versions = [MessageVersion("one cat", None, 1), MessageVersion("one dog", None, 2)]
    assert told(versions, "two dogs") == ["[-one-]{+two+} [-dog-]{+dogs+}", "one [-cat-]{+dog+}"]


def test_what_is_no_longer_kept_is_compared_with_nothing() -> None:
    versions = [
        MessageVersion("one", None, 1),
        MessageVersion("", None, 2, dropped=True),
        MessageVersion("three", None, 3),
    ]
    assert told(versions, None) == ["", "", ""]
    assert told(versions, "four") == ["[-three-]{+four+}", "", ""]
