"""Print the script that completes commands, options and ids in your shell.

Ids, tags and projects come from the local store of the project that is meant; nothing is asked of
MemOS. What holds characters that a terminal would obey is left out.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memos_admin.cli.exits import Exit

if TYPE_CHECKING:
    from memos_admin.cli.context import Context

SHELLS = ("bash", "zsh", "fish")

SECTIONS = {
    "where the script goes": {
        "bash": "at the end of ~/.bashrc; or, with bash-completion, into a file called memos-admin "
        "in ~/.local/share/bash-completion/completions",
        "zsh": "into a file called _memos-admin in a folder of $fpath, before compinit runs",
        "fish": "into ~/.config/fish/completions/memos-admin.fish",
    },
}
NOTES = "Begin a new shell afterwards. Print it again after an update of memos-admin."


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the argument; this noun has no verbs."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that shall complete")
    parser.set_defaults(run=print_script)


def print_script(context: Context, args: argparse.Namespace) -> Exit:
    """``completion``."""
    from importlib import resources  # what completes a word comes past here, too

    scripts = resources.files("memos_admin.cli.completion") / "shells"
    context.out.write((scripts / f"memos-admin.{args.shell}").read_text(encoding="utf-8"))
    return Exit.DONE
