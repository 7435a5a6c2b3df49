"""Versions, help and global options; nothing heavy is imported before it is needed."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

import memos_admin
from memos_admin.cli import interface
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Usage
from memos_admin.cli.main import NOUNS
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import ROOT, Cli, process

HEAVY = (
    "textual",
    "pydantic",
    "keyring",
    "sqlmodel",
    "sqlalchemy",
    "httpx",
    "tomlkit",
    "sqlcipher3",
    "memos_admin.backend.encryption",
    "memos_admin.store.cipher_key",
    "rich.console",
)
COSTLY = ("asyncio", "email", "secrets", "shutil", "subprocess", "zoneinfo")
"""Modules of the standard library that a list does without, each of which brings others along."""

VERBS = {
    "projects": ("add", "list", "use", "test", "set-key", "rename", "allow-writes", "remove"),
    "users": ("add", "import", "list", "show", "delete", "remove"),
    "conversations": ("list", "add", "remove"),
    "messages": ("list",),
    "memories": ("list", "show", "history", "sources", "edit", "archive", "restore", "delete"),
    "export": ("conversation", "user", "memories"),
    "store": ("path", "check", "backup"),
}


def imported(*arguments: str, of: tuple[str, ...] = HEAVY) -> set[str]:
    """Return what of these modules is loaded when the program ends well."""
    code = (
        "import sys; from memos_admin.__main__ import main; "
        f"sys.argv[1:] = {list(arguments)!r}; code = main(); "
        f"print(*(name for name in {of!r} if name in sys.modules), file=sys.stderr); "
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(done.stderr.splitlines()[-1].split())


def test_version(cli: Cli) -> None:
    ended = cli("--version")
    assert (ended.code, ended.out) == (0, f"memos-admin {memos_admin.__version__}\n")
    code = (
        "import sys; from memos_admin.__main__ import main; sys.argv[1:] = ['--version']; "
        "code = main(); print('argparse' in sys.modules); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{ended.out}False\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["users", "--help"]])
def test_telling_about_itself_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(*arguments) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["projects", "list"],
        ["users", "list", "--json"],
        ["users", "show", "memos_user_123"],
        ["conversations", "list", "--user", "memos_user_123"],
        ["messages", "list", "--user", "memos_user_123", "--conversation", "0610"],
        ["memories", "list", "--json"],
        ["search", "trip"],
        ["store", "path"],
    ],
    ids=" ".join,
)
def test_lists_import_nothing_heavy(synced: EmulatorThread, arguments: list[str]) -> None:
    assert imported(*arguments, of=HEAVY + COSTLY) == set()


MASKING = (
    "memos_admin.backend.masking",
    "memos_admin.backend.export.mask",
    "phonenumbers",
    "stdnum",
)


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_an_export_imports_what_masks_only_to_mask(
    synced: EmulatorThread, tmp_path: Path, form: str
) -> None:
    arguments = ("export", "memories", "--output", str(tmp_path / f"m.{form}"))
    assert imported(*arguments, of=MASKING) == set()
    assert imported(*arguments, "--mask", of=MASKING) == set(MASKING)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_has_help(cli: Cli, noun: str) -> None:
    ended = cli(noun, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"usage: memos-admin {noun}")


@pytest.mark.parametrize(
    ("noun", "verb"), [(noun, verb) for noun, verbs in VERBS.items() for verb in verbs]
)
def test_every_verb_has_help(cli: Cli, noun: str, verb: str) -> None:
    ended = cli(noun, verb, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"usage: memos-admin {noun} {verb}")


def test_help_names_every_noun(cli: Cli) -> None:
    text = cli("--help").out
    assert [noun for noun in NOUNS if f"\n  {noun} " not in text] == []


@pytest.mark.parametrize("option", ["--verbose", "--demo", "--project=x"])
def test_a_global_option_behind_the_noun_is_told_where_it_stands(cli: Cli, option: str) -> None:
    ended = cli("users", "list", option)
    assert ended.code == 2
    assert f"{option.partition('=')[0]} stands before the noun" in ended.err


def test_options_are_not_abbreviated(cli: Cli) -> None:
    assert cli("--verb", "users", "list").code == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [(True, "--mask is for commands"), (False, "--no-mask is for commands")],
)
def test_the_interface_names_the_option_of_masks_that_was_given(
    given: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Typed())
    context = SimpleNamespace(
        out=SimpleNamespace(on_terminal=True), options=SimpleNamespace(mask=given)
    )
    with pytest.raises(Usage, match=f"^{told}"):
        interface.start(cast("Context", context))


def test_the_interface_needs_a_terminal() -> None:
    ended = process()
    assert ended.returncode == 2
    assert "needs a terminal" in ended.stderr
    assert ended.stdout == ""
