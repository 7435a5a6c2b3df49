"""What is said of somebody whom a project does not know."""

from __future__ import annotations

from memos_admin.backend.absent import nobody
from memos_admin.backend.model import SubjectRef

ERASED = "It was erased here on 3 March 2026 for DSR-9."


def test_an_erasure_is_told_although_the_other_kind_has_that_id() -> None:
    told = nobody(SubjectRef("user", "ops"), ERASED, is_other=True)
    assert ERASED in told
    assert "memos-admin journal list --user ops" in told
    assert "it is an agent. Name it as one: --agent ops" in told
    assert ERASED in nobody(SubjectRef("user", "ops"), ERASED)
    assert "erased" not in nobody(SubjectRef("user", "ops"), is_other=True)


def test_nobody_is_told_to_add_an_id_that_cannot_be_shown_as_it_is() -> None:
    for kind in ("user", "agent"):
        told = nobody(SubjectRef(kind, "e\x1b]0;xyz\x07b"))
        assert told.endswith("See who is there: memos-admin users list")
        assert "'e\\x1b]0;xyz\\x07b'" in told
    assert nobody(SubjectRef("user", "用户 1")).endswith("memos-admin users add '用户 1'")


def test_an_id_that_looks_like_an_option_is_added_behind_two_hyphens() -> None:
    assert nobody(SubjectRef("user", "--help")).endswith("memos-admin users add -- --help")
    assert nobody(SubjectRef("agent", "-a b")).endswith("memos-admin users add --agent -- '-a b'")
