"""What went wrong, for a person: a line that fits where it stands, and a page that says all. Pure.

Both name what failed, why if that is known, what was kept, and the next step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from memos_admin.backend.display import both_ends, one_line
from memos_admin.tui import phrases

if TYPE_CHECKING:
    from memos_admin.backend.model import Subject, SubjectRef
    from memos_admin.backend.sync import SyncReport

MOST_TOLD = 20
"""Failures of one sync that are told one by one."""

_LONGEST = 300
"""Cells of a part of the line; only a very wide terminal has more."""

Keys = Callable[[str], str]
"""Returns how the key of a command is written."""


@dataclass(frozen=True)
class Trouble:
    """What went wrong.

    Attributes:
        what: a sentence that is short enough for a narrow screen.
        reason: the same with why, a sentence for a wide screen.
        why: all that is known of it, and what can be done about it.
        kept: what of the work was kept, a sentence; `stays`: what the page alone says of that.
        as_of: when what is shown was fetched; None: never, or it is about more than that.
        step: what to press next, a sentence; `short_step`: the same in few words.
        scope: whom it is about: it is over when all of them were read; None: when anything was.
        passes: it is over by itself some time; else it stays until it was read.
    """

    what: str
    _: KW_ONLY
    why: str = ""
    reason: str = ""
    kept: str = ""
    stays: str = ""
    as_of: int | None = None
    step: str = ""
    short_step: str = ""
    scope: tuple[SubjectRef, ...] | None = None
    passes: bool = False

    def lines(self, now: int) -> list[str]:
        """Return lines that say it, safe, the fullest first."""
        what = one_line(self.what, _LONGEST)
        full = one_line(self.reason or self.what, _LONGEST)
        kept = short = self.kept
        if self.as_of is not None:
            age = phrases.ago(self.as_of, now)
            short = f"Shown as of {age.removeprefix('just ')}."
            kept = f"Showing what was fetched {age}."
        variants = [
            (full, kept, self.step),
            (what, kept, self.step),
            (what, short, self.step),
            (what, short, self.short_step),
            (what, self.short_step),
        ]
        return [" ".join(part for part in variant if part) for variant in variants]

    def page(self, now: int) -> str:
        """Return all of it, in paragraphs; not gated."""
        kept = f"{self.kept} {self.stays}".strip()
        if self.as_of is not None:
            kept = f"What is shown was fetched {phrases.ago(self.as_of, now)}, and stays."
        return "\n\n".join(part for part in (self.why or self.what, kept, self.step) if part)

    def is_over(self, read: tuple[SubjectRef, ...]) -> bool:
        """Whether it is, now that these subjects were read without an error; none: all were."""
        if not self.passes:
            return False
        return self.scope is None or not read or (bool(self.scope) and {*self.scope} <= {*read})


def told(text: str) -> Trouble:
    """Return a text that says everything itself."""
    return Trouble(text)


def of_error(
    error: Exception, key: Keys, *, again: str = "refresh", begun: bool = False
) -> Trouble:
    """Return what an error means.

    Args:
        error: what was raised.
        key: how keys are written.
        again: the command that tries once more.
        begun: that goes on with what was begun.
    """
    from memos_admin.backend.errors import CloudError, CredentialsError, StoreError

    trouble = _try_again(Trouble("", why=str(error), passes=True), key(again))
    if begun:
        step = f"Press {key(again)} to go on with the rest."
        trouble = replace(trouble, step=step, short_step=f"{key(again)} goes on.")
    if isinstance(error, CloudError):
        return _of_service(error, trouble, key)
    if isinstance(error, CredentialsError):
        return _of_key(error, trouble, key, key(again))
    if isinstance(error, StoreError):
        return _of_store(error, trouble)
    return _of_another(error)


def _try_again(trouble: Trouble, again: str) -> Trouble:
    step, short = f"Press {again} to try again.", f"{again} tries again."
    return replace(trouble, step=step, short_step=short)


def _of_service(error: Exception, trouble: Trouble, key: Keys) -> Trouble:
    from memos_admin.backend import errors

    words: dict[type[Exception], str] = {
        errors.Unreachable: "MemOS cannot be reached.",
        errors.Unusable: "The answer was not one of MemOS.",
        errors.Refused: "MemOS refused the API key.",
        errors.QuotaExceeded: "The account has used up its calls.",
        errors.RateLimited: "MemOS limits the rate of this account.",
        errors.Busy: "MemOS cannot answer now.",
        errors.NotFound: "MemOS has nothing under this id.",
        errors.Rejected: "MemOS declined the request.",
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    reason = str(error).partition("\n")[0].partition(". ")[0].rstrip(".") + "."
    trouble = replace(trouble, what=what or "MemOS could not be asked.", reason=reason)
    if isinstance(error, errors.Refused):
        give = key("give_key")
        step, short = f"Press {give} to type another key.", f"{give} types another."
        return replace(trouble, step=step, short_step=short)
    return trouble


def _of_key(error: Exception, trouble: Trouble, key: Keys, again: str) -> Trouble:
    from memos_admin.backend import keys

    words: dict[type[Exception], str] = {
        keys.KeyringLocked: "The keyring with the API key is locked.",
        keys.KeyringTimeout: "The keyring with the API key did not answer.",
        keys.NoKeyring: "There is no API key, and no keyring here.",
        keys.KeyringError: "The keyring gave no API key.",
        keys.NoKey: "There is no API key for this project here.",
        keys.KeyCommandFailed: "key_command gave no API key.",
        keys.ForeignKey: "The API key is not one of this project's.",
        keys.KeyBoundElsewhere: "The API key was stored for another address.",
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    give = key("give_key")
    step = f"Press {give} to type the key for this run, or {again} to look for it again."
    trouble = replace(trouble, what=what or "There is no usable API key.")
    return replace(trouble, step=step, short_step=f"{give} types it.")


def _of_store(error: Exception, trouble: Trouble) -> Trouble:
    from memos_admin.backend import errors

    words: dict[type[Exception], str] = {
        errors.StoreUnwritable: "The store cannot be written.",
        errors.StoreBusy: "Another process is using the store.",
        errors.StoreTooNew: "The store is of a newer memos-admin.",
        errors.StoreBroken: "The store is damaged, or is none.",
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    kept = "What it held stays." if isinstance(error, errors.StoreUnwritable) else ""
    return replace(trouble, what=what or "The store said no.", kept=kept)


def _of_another(error: Exception) -> Trouble:
    """Return what an error means that is neither the service's nor the store's."""
    from memos_admin.backend.errors import HomeError
    from memos_admin.backend.project import ProjectError

    if isinstance(error, HomeError | ProjectError):
        return told(str(error))
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return told(f"{where}{error.strerror}. Check the path and its permissions.")
    kind = f"{type(error).__name__}: {error}".removesuffix(": ")
    return Trouble(
        "Something in memos-admin failed.",
        why=f"This is a mistake in memos-admin ({kind}). What is stored is as the last finished step "
        "left it. Please report it, with what you did before.",
        step="You can go on.",
        short_step="You can go on.",
    )


def of_report(
    report: SyncReport, scope: tuple[SubjectRef, ...], key: Keys, *, again: str
) -> Trouble | None:
    """Return what went wrong in a sync of `scope` (none: all), None where nothing did."""
    if not report.stopped and not report.failed:
        return None
    several = report.asked > 1
    cause = report.cause if report.stopped else None
    if cause is None and not several and len(report.failed) == 1:
        cause = report.failed[0].cause
    if cause is not None and not several:
        return of_error(cause, key, again=again)
    number = f"{phrases.count(report.asked - report.missing)} of {phrases.count(report.asked)}"
    if cause is not None:
        trouble = of_error(cause, key, again=again, begun=True)
        stays = "What was read, and what was here before, stays."
        return replace(trouble, kept=f"{number} users read.", stays=stays, scope=scope)
    if several:
        missing = f"{phrases.count(report.missing)} of {phrases.count(report.asked)}"
        what = f"{missing} users could not be read completely."
    else:
        what = f"Not all of {both_ends(report.failed[0].ref.external_id, 30)} could be read."
    why, kept = f"{what}\n\n{_failures(report)}", "The rest is kept."
    return _try_again(Trouble(what, why=why, kept=kept, scope=scope, passes=True), key(again))


def _failures(report: SyncReport) -> str:
    """Return whom it failed for and why, a line each."""
    lines = []
    for failure in report.failed[:MOST_TOLD]:
        where = f", conversation {failure.conversation_id}" if failure.conversation_id else ""
        lines.append(f"{failure.ref.external_id}{where}: {failure.error}")
    if len(report.failed) > MOST_TOLD:
        lines.append(f"… and {phrases.count(len(report.failed) - MOST_TOLD)} more")
    return "\n".join(lines)


def of_subject(subject: Subject, key: Keys) -> Trouble | None:
    """Return what the last sync of a subject could not read, None where it read all."""
    if not subject.problem:
        return None
    what = f"Not all of {both_ends(subject.ref.external_id, 30)} could be read."
    trouble = Trouble(what, why=f"{what}\n\n{problem(subject)}", as_of=subject.synced_at)
    return _try_again(trouble, key("refresh"))


def problem(subject: Subject) -> str:
    """Return why not all of a subject could be read, ``""`` where it could; not gated."""
    text = subject.problem or ""
    # "memories: Listing memories failed: …" says once too often what.
    return text.removeprefix("memories: ") if text.startswith("memories: Listing") else text
