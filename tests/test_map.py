"""The map of CONTRIBUTING.md names the folders that there are, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ROOT / "memos_admin"


def named(layer: str) -> set[str]:
    """Return the folders and modules that the map names below a layer."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"^  {layer}/ .*\n((?:    .*\n)+)", page, re.MULTILINE)
    return set(re.findall(r"(?<!\S)[a-z_]+(?:/|\.py)(?!\S)", part))


def folders(layer: str) -> set[str]:
    return {f"{path.parent.name}/" for path in (CODE / layer).glob("*/__init__.py")}


@pytest.mark.parametrize("layer", ["tui", "backend"])
def test_every_folder_of_a_layer_is_on_the_map(layer: str) -> None:
    assert folders(layer) - named(layer) == set()


@pytest.mark.parametrize("layer", ["tui", "cli", "backend"])
def test_what_is_on_the_map_is_there(layer: str) -> None:
    names = named(layer)
    assert names
    assert [name for name in names if not (CODE / layer / name).exists()] == []
