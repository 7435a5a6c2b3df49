"""What is thanks and no more, so that it does not stand among messages that deserve a look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend.evidence.courtesies import is_courtesy
from tests.hostile import HOSTILE


@pytest.mark.parametrize(
    "text",
    [
        "ok", "OK.", "Okay, thanks!", "Thanks!", "thank you so much 🙏", "Great, thank you!", "Got it.", "thx",
        "Good morning", "Perfect, thanks a lot.", "You’re welcome!", "谢谢", "好的，谢谢！", "嗯嗯", "收到。", "OK谢谢",
        "太好了", "辛苦了，再见", "没问题～", "Hello 你好",
    ],
)  # fmt: skip
def test_courtesies(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "…", "🙏", "yes", "No.", "对", "不", "Thanks, Tuesday then", "That was quick. Thanks.", "ok 8:30", "a lot",
        "very much so", "you", "行，订了。", "谢谢，不要辣", "好的，改到平日晚上", "Great coat", "Thai is fine then.", "Yes, please",
        "thank you " * 7,
    ],
)  # fmt: skip
def test_what_says_more(text: str) -> None:
    assert not is_courtesy(text)


@given(st.text(max_size=80) | st.sampled_from(sorted(HOSTILE.values())))
def test_whatever_it_is_a_figure_or_length_makes_it_none(text: str) -> None:
    assert not is_courtesy(text + "7")
    assert not is_courtesy(text + "x" * 61)
