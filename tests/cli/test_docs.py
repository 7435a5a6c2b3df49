"""The pages that are made from the program say what the program says."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from docs.make import FOLDER, MADE
from memos_admin.cli.manual import all_pages, help_text
from tests.cli.conftest import ROOT, SECONDS

MAN_PAGE = FOLDER / "memos-admin.1"


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_up_to_date(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == MADE[name](), "run `make docs`"


def test_the_reference_has_the_help_of_every_command() -> None:
    text = (FOLDER / "commands.md").read_text(encoding="utf-8")
    assert [page.command for page in all_pages() if help_text(page, 80) not in text] == []


def test_the_links_of_the_reference_lead_somewhere() -> None:
    text = (FOLDER / "commands.md").read_text(encoding="utf-8")
    headings = {found.replace(" ", "-") for found in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    assert set(re.findall(r"\(#([^)]+)\)", text)) - headings == set()


@pytest.mark.needs("mandoc")
def test_the_man_page_is_without_fault() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", MAN_PAGE],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.needs("mandoc")
def test_the_man_page_shows_every_option_and_example() -> None:
    shown = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=200", MAN_PAGE],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    ).stdout
    text = re.sub(r".\x08", "", shown)
    pages = list(all_pages())
    terms = {e.term for page in pages for section in page.sections for e in section.entries}
    lines = {line for page in pages for e in page.examples for line in e.command.split("\n")}
    assert sorted(part for part in terms | lines if part not in text) == []


def test_the_wheel_brings_the_man_page_and_the_scripts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=SECONDS)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (page,) = (name for name in names if name.endswith("/data/share/man/man1/memos-admin.1"))
        assert opened.read(page) == MAN_PAGE.read_bytes()
    shells = {
        f"memos_admin/cli/completion/shells/memos-admin.{shell}"
        for shell in ("bash", "zsh", "fish")
    }
    assert shells <= set(names)
