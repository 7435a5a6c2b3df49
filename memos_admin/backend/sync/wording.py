"""How far a run came, in words that the commands and the interface tell alike."""

from __future__ import annotations

from memos_admin.backend.sync.report import SyncReport
from memos_admin.language import counted, sentences


def how_far(report: SyncReport) -> str:
    """Return of how many subjects what was not read, sentences; ``""``: all was.

    Each subject is counted once: of whom memories are missing, messages may be too.
    """
    unlisted = {failure.ref for failure in report.failed if failure.part == "memories"}
    listed = {failure.ref for failure in report.failed} - unlisted
    said = []
    if listed:
        said.append(
            counted(
                len(listed),
                "The memories of {count} were listed, but not all of its messages were read.",
                "The memories of {count} were listed, but not all of their messages were read.",
            )
        )
    if unlisted:
        said.append(
            counted(
                len(unlisted),
                "{count} was not listed completely.",
                "{count} were not listed completely.",
            )
        )
    if report.not_begun:
        said.append(
            counted(
                len(report.not_begun),
                "{count} was not asked for.",
                "{count} were not asked for.",
            )
        )
    return sentences(*said)
