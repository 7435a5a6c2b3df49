"""What two texts share, and how much of one that is."""

from __future__ import annotations

from memos_admin.backend.evidence.matching import matching, share

TEXT = "Quarterly report deadline moved towards Tuesday morning."


def test_how_much_of_a_text_is_shared() -> None:
    spans = matching(TEXT, TEXT)[0]
    assert len(spans) == 7
    assert share(TEXT, spans) == 1
    assert 0 < share(TEXT, spans[:3]) < 0.5
    assert share("of the", ()) == 0
    assert share("我喜欢狗", matching("我喜欢狗", "他喜欢狗")[0]) > 0.5


def test_a_name_that_only_one_text_has_is_not_shared_for_its_stem() -> None:
    one, other = "The landlord is called Falke here.", "My landlord, Mr Falk, likes cats."
    mine, theirs = matching(one, other)
    assert [one[start:end] for start, end in mine] == ["landlord"]
    assert [other[start:end] for start, end in theirs] == ["landlord"]
    mine, theirs = matching("We met Falk there.", "They know Falk's house.")
    assert [len(mine), len(theirs)] == [1, 1]
