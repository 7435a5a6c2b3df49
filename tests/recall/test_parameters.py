"""What an application sends: as the configuration says, or as given; what cannot be sent is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from memos_admin.backend.config import ConfigError
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.backend.recall.parameters import (
    BadParameter,
    Parameters,
    of_mapping,
    of_project,
    parse_filter,
)

UUID_TEXT = "5f0c5d0e-8f0a-4f43-9d1e-0c9f3c3b7a11"
PROJECT = f"""\
[projects.{UUID_TEXT}]
name = "acme"
base_url = "https://memos.memtensor.cn/api/openmem/v1"
"""


def configured(isolated: Path, text: str) -> Home:
    home = Home(isolated)
    home.create()
    home.config_path.write_text(text)
    home.config_path.chmod(0o600)
    return home


def test_a_project_goes_before_all_projects_key_by_key(isolated: Path) -> None:
    home = configured(
        isolated,
        "[recall]\nrelativity = 0.3\nmemory_limit_number = 6\ninclude_skill = true\n"
        + PROJECT
        + 'recall = { memory_limit_number = 2, include_memory_view = ["skill", "preference"] }\n',
    )
    assert of_project(home, UUID(UUID_TEXT)) == Parameters(
        relativity=0.3,
        memory_limit_number=2,
        include_memory_view=("preference", "skill"),
    )
    assert Projects(home).get("acme").name == "acme"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("relativity = 2", "must be a number from 0"),
        ("relativity = nan", "must be a number from 0"),
        ("relativity = inf", "must be a number from 0"),
        (f"relativity = 1{'0' * 400}", "must be a number from 0"),
        ('relativity = "0.3"', "must be a number from 0"),
        ("relativity = true", "must be a number from 0"),
        ("memory_limit_number = 26", "must be a number from 0 to 25"),
        ("skill_limit_number = 1.5", "must be a number from 0 to 25"),
        ('include_memory_view = ["facts"]', "must be a list of views"),
        ('include_memory_view = "skill"', "must be a list of views"),
        ("include_skill = 1", "must be true or false"),
        ("filter = {}", "must be an object such as"),
        ("filter = { and = [{ x = 2026-01-01 }] }", "must hold nothing but"),
        ("threshold = 0.3", "unknown. Known here: filter, include_memory_view"),
    ],
)
@pytest.mark.parametrize("where", ["[recall]\n", PROJECT + f"[projects.{UUID_TEXT}.recall]\n"])
def test_what_cannot_be_is_told_with_its_line_and_key(
    isolated: Path, where: str, line: str, problem: str
) -> None:
    home = configured(isolated, where + line + "\n")
    number = where.count("\n") + 1
    for read in (Projects(home).list, lambda: of_project(home, UUID(UUID_TEXT))):
        with pytest.raises(ConfigError, match=problem) as caught:
            read()
        key = line.partition(" ")[0]
        assert f"line {number}: " in str(caught.value)
        assert f"recall.{key}: " in str(caught.value)


def test_only_what_is_given_is_sent() -> None:
    assert Parameters().body() == {}
    sent = {"relativity": 0.0, "include_memory_view": ["skill"], "include_preference": False}
    assert of_mapping(sent).body() == sent


def test_views_in_one_way_replace_views_in_the_other() -> None:
    older = Parameters(include_skill=True, relativity=0.2)
    assert Parameters(include_memory_view=("skill",)).over(older).body() == {
        "relativity": 0.2,
        "include_memory_view": ["skill"],
    }
    assert Parameters(relativity=0.1).over(older).include_skill is True


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", "{", "NaN", '{"a": NaN}', "[" * 9999])
def test_a_filter_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        parse_filter(text)


def test_a_filter_is_taken_as_it_is() -> None:
    wanted: dict[str, Any] = {"and": [{"tags": {"contains": "旅行"}}]}
    assert parse_filter('{"and": [{"tags": {"contains": "旅行"}}]}') == wanted
