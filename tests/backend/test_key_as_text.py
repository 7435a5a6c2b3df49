"""The API key is no ticket, no reason and no text of the configuration, whichever way it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos_admin.backend import config, occasion
from memos_admin.backend.config import ConfigError
from memos_admin.backend.home import Home
from memos_admin.backend.keys import KeyGiven
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.subject_access.bundle import Order
from memos_admin.backend.subject_access.sender import sender

KEY = "mpg-0123456789abcdefghijklmnop"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(autouse=True)
def _nothing_said() -> Iterator[None]:
    yield
    occasion.end()


def test_nothing_is_done_for_it() -> None:
    env = {occasion.TICKET: KEY}
    with pytest.raises(KeyGiven, match="no ticket") as told:
        occasion.begin("python", env, reason=None, ticket=None, seals=False)
    assert KEY not in str(told.value)
    with pytest.raises(KeyGiven, match="no reason"):
        occasion.begin("python", {}, reason=f"x{KEY}y", ticket=None, seals=False)
    with pytest.raises(KeyGiven, match="no ticket"):
        occasion.change(ticket=KEY)
    assert occasion.present() == occasion.Occasion()


def test_nothing_is_written_for_a_person_with_it() -> None:
    with pytest.raises(KeyGiven, match="no ticket"):
        Order(SubjectRef("user", "ann"), f"DSR {KEY}")


@pytest.mark.parametrize("name", ["organisation", "contact"])
def test_it_is_nobody_who_answers(home: Home, name: str) -> None:
    home.config_path.write_text(f'[subject]\n{name} = "{KEY}"\n')
    with pytest.raises(ConfigError, match=rf"line 2: .*{name}: is or holds an API key") as told:
        sender(config.read(home))
    assert KEY not in str(told.value)


def test_it_is_in_no_filter_that_the_configuration_has(home: Home) -> None:
    Projects(home).add("acme")
    written = home.config_path.read_text()
    uuid = Projects(home).get("acme").uuid
    home.config_path.write_text(f'{written}\n[projects.{uuid}.filters]\nmine = "tag:{KEY}"\n')
    with pytest.raises(ConfigError, match="mine: is or holds an API key") as told:
        Projects(home).list()
    assert KEY not in str(told.value)
