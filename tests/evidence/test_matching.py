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
