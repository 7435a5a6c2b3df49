"""Saved filters: kept per project in the configuration, by names that can be shown and typed."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memos_admin.backend.config import ConfigError
from memos_admin.backend.filter_language import parse
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter
from memos_admin.backend.projects import Project, Projects
from memos_admin.backend.saved_filters import (
    BadFilter,
    BadFilterName,
    SavedFilter,
    SavedFilters,
    UnknownFilter,
    spelled,
)
from tests.effort import examples
from tests.hostile import HOSTILE, unsafe


@pytest.fixture
def home(isolated: Path) -> Home:
    return Home(isolated)


@pytest.fixture
def project(home: Home) -> Project:
    return Projects(home).add("acme", base_url="http://127.0.0.1:9/api")


@pytest.fixture
def saved(home: Home, project: Project) -> SavedFilters:
    return SavedFilters(home, project)


def test_saved_renamed_replaced_and_removed(saved: SavedFilters, home: Home) -> None:
    assert saved.list() == ()
    saved.save("  Travel, unsure ", "tag:travel inferred:yes")
    saved.save("茶", 'tag:"绿 茶"')
    assert [one.name for one in saved.list()] == ["Travel, unsure", "茶"]
    assert saved.get("travel, UNSURE").filter(UTC) == Filter(
        tags=frozenset({"travel"}), inferred=True
    )
    with pytest.raises(BadFilterName):
        saved.save("TRAVEL, unsure", "view:fact")
    assert saved.save("TRAVEL, unsure", "view:fact", replace=True).typed == "view:fact"
    assert saved.rename("travel, unsure", "Facts") == SavedFilter("Facts", "view:fact")
    with pytest.raises(BadFilterName):
        saved.rename("Facts", "茶")
    assert saved.rename("Facts", "facts").name == "facts"
    assert saved.remove("茶").typed == 'tag:"绿 茶"'
    with pytest.raises(UnknownFilter, match="There are: facts"):
        saved.get("茶")
    saved.remove("facts")
    with pytest.raises(UnknownFilter, match="none yet"):
        saved.remove("facts")
    assert "filters" not in home.config_path.read_text(encoding="utf-8")


@pytest.mark.parametrize("order", ["title,reverse", "updated"])
def test_an_order_that_does_not_apply_is_left_out_and_said(order: str) -> None:
    one = SavedFilter("Mine", f"tag:tea sort:{order}")
    found, left_out = one.applied(parse, UTC, {"sort": "Here is none.", "as-of": "Never."})
    assert found == Filter(tags=frozenset({"tea"}))
    assert left_out == "The order of the filter Mine does not apply here. Here is none."
    assert one.applied(parse, UTC, {"as-of": "Never."}) == (one.filter(UTC), "")
    with pytest.raises(BadFilter, match=r"Column 1: No tags\."):
        one.applied(parse, UTC, {"tag": "No tags."})


def test_each_project_has_its_own_and_they_go_with_it(saved: SavedFilters, home: Home) -> None:
    other = SavedFilters(home, Projects(home).add("other", base_url="http://127.0.0.1:9/b"))
    saved.save("mine", "view:fact")
    assert other.list() == ()
    Projects(home).remove("acme")
    assert saved.list() == ()
    with pytest.raises(BadFilter):
        saved.save("mine", "view:fact")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_names_are_refused_or_harmless(name: str) -> None:
    said = ""
    try:
        said = spelled(name)
        assert said[0].isalnum()
    except BadFilterName as error:
        said = str(error)
    assert not unsafe(said)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("viev:fact", "Column 1"),
        ("user:ann", "no user"),
        ("agent:ann tag:x", "no user"),
        ("conversation:0610", "no conversation"),
        ("", "nothing to save"),
        ("tag:mpg-0123456789abcdefghijklmnop", "That is the API key, and no filter"),
    ],
)
def test_what_cannot_be_saved(saved: SavedFilters, typed: str, why: str) -> None:
    with pytest.raises(BadFilter, match=why):
        saved.save("x", typed)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tag=st.text(min_size=1, max_size=20))
def test_whatever_is_saved_is_read_again(saved: SavedFilters, tag: str) -> None:
    from memos_admin.backend.filter_language import printed

    wanted = Filter(tags=frozenset({tag}))
    saved.save("a", printed(wanted), replace=True)
    assert saved.get("a").filter(None) == wanted


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("viev:fact", "Did you mean view"),
        ("cats OR dogs", "OR means nothing here"),
        ("view:fact (green tea)", "There are no brackets here"),
        ("user:ann", "names no user"),
    ],
)
def test_what_is_no_filter_any_more_is_refused_when_used_and_blocks_nothing(
    saved: SavedFilters, home: Home, typed: str, why: str
) -> None:
    saved.save("old", "view:fact")
    saved.save("good", "view:event")
    text = home.config_path.read_text(encoding="utf-8")
    home.config_path.write_text(text.replace("view:fact", typed), encoding="utf-8")
    assert [project.name for project in Projects(home).list()] == ["acme"]
    good, old = saved.list()
    assert (good.problem, old.typed) == ("", typed)
    assert why in old.problem
    with pytest.raises(BadFilter, match=why):
        saved.get("old").filter(None)
    assert saved.rename("old", "older").typed == typed
    saved.save("new", "tag:x")
    assert saved.remove("older") == SavedFilter("older", typed)
    assert [one.name for one in saved.list()] == ["good", "new"]


def test_a_name_that_was_edited_by_hand_is_told_with_its_line(
    saved: SavedFilters, home: Home
) -> None:
    saved.save("good", "view:fact")
    text = home.config_path.read_text(encoding="utf-8")
    home.config_path.write_text(text.replace("good =", '" good" ='), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line \d+.*good.*no spaces around"):
        Projects(home).list()
