"""``[interface]``: read with its places, and ignored by whoever does not show an interface."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.home import Home
from memos_admin.backend.interface_settings import InterfaceSettings, interface_settings
from memos_admin.backend.projects import Projects

PATH = Path("/c.toml")


def read(source: str) -> InterfaceSettings:
    return interface_settings(Table(PATH, source, tomllib.loads(source)))


def test_without_a_table_nothing_is_said() -> None:
    assert read("") == InterfaceSettings()


def test_theme_language_and_keys_are_read() -> None:
    found = read(
        '[interface]\ntheme = "desk-light"\nlanguage = "en"\n'
        '[interface.keys]\nsync = "f5"\nmove.down = "j"\n"move.up" = "k"\n'
    )
    assert found.theme is not None
    assert (found.theme.value, found.language) == ("desk-light", "en")
    assert {name: keys.value for name, keys in found.keys.items()} == {
        "sync": "f5",
        "move.down": "j",
        "move.up": "k",
    }


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("[interface]\n\ncolour = 1\n", r"line 3: interface\.colour: unknown\. Known here: keys,"),
        ("[interface]\ntheme = 1\n", r"line 2: interface\.theme: must be a string"),
        ('interface = "x"\n', r"line 1: interface: must be a table"),
        (
            '[interface]\nlanguage = "xx"\n',
            r"line 2: interface\.language: unknown\. Known: en, zh\.",
        ),
        ("[interface.keys]\nsync = 5\n", r"line 2: interface\.keys\.sync: must be a string"),
        (
            "[interface.keys]\nmove.up = []\n",
            r"line 2: interface\.keys\.move\.up: must be a string",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_place(source: str, told: str) -> None:
    with pytest.raises(ConfigError, match=rf"^/c\.toml, {told}"):
        read(source)


@pytest.mark.parametrize("written", ["move.down", '"move.down"'])
def test_an_error_of_the_interface_names_the_place_however_it_was_written(written: str) -> None:
    setting = read(f'# keys\n[interface.keys]\nsync = "s"\n{written} = "j"\n').keys["move.down"]
    error = setting.error("no")
    assert str(error) == "/c.toml, line 4: interface.keys.move.down: no"


def test_projects_are_read_and_edited_beside_a_faulty_interface(isolated: Path) -> None:
    home = Home(isolated)
    home.create()
    home.config_path.write_text('[interface]\ncolour = "pink"  # mine\n')
    home.config_path.chmod(0o600)
    Projects(home).add("acme", base_url="http://127.0.0.1:9/api")
    assert [project.name for project in Projects(home).list()] == ["acme"]
    assert 'colour = "pink"  # mine' in home.config_path.read_text()
