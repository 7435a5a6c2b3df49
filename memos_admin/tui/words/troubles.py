"""What went wrong, for a person: a line that fits where it stands, and a page that says all. Pure.

Both name what failed, why if that is known, what was kept, and the next step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

from memos_admin.backend.display import both_ends, called, one_line
from memos_admin.backend.erasing import erased_before, unfinished_erasures
from memos_admin.backend.keys import without_keys
from memos_admin.backend.upkeep import upgraded
from memos_admin.language import first_sentence, ngettext, sentences
from memos_admin.language import gettext as _
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from pathlib import Path

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
        shows: whether that are ``memories`` or ``messages``, which may be of another time.
        step: what to press next, a sentence; `short_step`: the same in few words.
        scope: whom it is about: it is over when all of them were read; None: when anything was.
        notice: nothing failed.
        passes: it is over by itself some time; else it stays until it was read.
    """

    what: str
    _: KW_ONLY
    why: str = ""
    reason: str = ""
    kept: str = ""
    stays: str = ""
    as_of: int | None = None
    shows: str = "memories"
    notice: bool = False
    step: str = ""
    short_step: str = ""
    scope: tuple[SubjectRef, ...] | None = None
    passes: bool = False

    def lines(self, now: int) -> list[str]:
        """Return lines that say it, safe, the fullest first."""
        what = one_line(without_keys(self.what), _LONGEST)
        full = one_line(without_keys(self.reason or self.what), _LONGEST)
        kept = short = self.kept
        if self.as_of is not None:
            age = phrases.ago(self.as_of, now)
            short = _("Shown {as_of}.").format(as_of=phrases.as_of(self.as_of, now))
            kept = _("Showing memories as of {age}.")
            if self.shows == "messages":
                kept = _("Showing messages as of {age}.")
            kept = kept.format(age=age)
        variants = [
            (full, kept, self.step),
            (what, kept, self.step),
            (what, short, self.step),
            (what, short, self.short_step),
            (what, self.short_step),
        ]
        return [sentences(*variant) for variant in variants]

    def page(self, now: int) -> str:
        """Return all of it, in paragraphs; not gated."""
        kept = sentences(self.kept, self.stays)
        if self.as_of is not None:
            kept = _("The memories that are shown were fetched {age}, and stay.")
            if self.shows == "messages":
                kept = _("The messages that are shown were fetched {age}, and stay.")
            kept = kept.format(age=phrases.ago(self.as_of, now))
        why = without_keys(self.why or self.what)  # what the store kept of an error, too
        return "\n\n".join(part for part in (why, kept, self.step) if part)

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

    trouble = _try_again(Trouble("", why=said_by(error), passes=True), key(again))
    if begun:
        step = _("Press {key} to go on with the rest.").format(key=key(again))
        trouble = replace(trouble, step=step, short_step=_("{key} goes on.").format(key=key(again)))
    if isinstance(error, CloudError):
        return _of_service(error, trouble, key)
    if isinstance(error, CredentialsError):
        return _of_key(error, trouble, key, key(again))
    if isinstance(error, StoreError):
        return _of_store(error, trouble, key, key(again))
    return _of_another(error)


def _try_again(trouble: Trouble, again: str) -> Trouble:
    step, short = (
        _("Press {key} to try again.").format(key=again),
        _("{key} tries again.").format(key=again),
    )
    return replace(trouble, step=step, short_step=short)


def _of_service(error: Exception, trouble: Trouble, key: Keys) -> Trouble:
    from memos_admin.backend import errors

    words: dict[type[Exception], str] = {
        errors.Unreachable: _("MemOS cannot be reached."),
        errors.Unusable: _("The answer was not one of MemOS."),
        errors.Refused: _("MemOS refused the API key."),
        errors.QuotaExceeded: _("The account has used up its calls."),
        errors.RateLimited: _("MemOS limits the rate of this account."),
        errors.Busy: _("MemOS cannot answer now."),
        errors.NotFound: _("MemOS has nothing under this id."),
        errors.Rejected: _("MemOS declined the request."),
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    reason = first_sentence(said_by(error))
    trouble = replace(trouble, what=what or _("MemOS could not be asked."), reason=reason)
    if isinstance(error, errors.Refused):
        give = key("give_key")
        step, short = (
            _("Press {key} to type another key.").format(key=give),
            _("{key} types another.").format(key=give),
        )
        return replace(trouble, step=step, short_step=short)
    return trouble


def _of_key(error: Exception, trouble: Trouble, key: Keys, again: str) -> Trouble:
    from memos_admin.backend import keys

    words: dict[type[Exception], str] = {
        keys.KeyringLocked: _("The keyring with the API key is locked."),
        keys.KeyringTimeout: _("The keyring with the API key did not answer."),
        keys.NoKeyring: _("There is no API key, and no keyring here."),
        keys.KeyringError: _("The keyring gave no API key."),
        keys.NoKey: _("There is no API key for this project here."),
        keys.KeyCommandFailed: _("key_command gave no API key."),
        keys.ForeignKey: _("The API key is not one of this project's."),
        keys.KeyBoundElsewhere: _("The API key was stored for another address."),
        keys.KeyInAddress: _("The address contains the API key."),
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    if isinstance(error, keys.KeyInAddress):
        step = _("Correct base_url in config.toml, or MEMOS_BASE_URL, and start again.")
        return replace(trouble, what=what, step=step, short_step=_("Correct base_url."))
    give = key("give_key")
    step = _("Press {key} to type the key for this run, or {again} to look for it again.").format(
        key=give, again=again
    )
    trouble = replace(trouble, what=what or _("There is no usable API key."))
    return replace(trouble, step=step, short_step=_("{key} types it.").format(key=give))


def _of_store(error: Exception, trouble: Trouble, key: Keys, again: str) -> Trouble:
    from memos_admin.backend import errors

    if isinstance(error, errors.StoreLocked):
        give = key("give_key")
        step = _(
            "Press {key} to type the passphrase or the recovery key, or {again} to look for the "
            "key again."
        ).format(key=give, again=again)
        short = _("{key} takes the passphrase.").format(key=give)
        return replace(trouble, what=_("The store is locked."), step=step, short_step=short)
    words: dict[type[Exception], str] = {
        errors.CipherMissing: _("SQLCipher is not installed."),
        errors.StoreUnwritable: _("The store cannot be written."),
        errors.StoreBusy: _("Another process is using the store."),
        errors.StoreTooNew: _("The store is of a newer memos-admin."),
        errors.StoreBroken: _("The store is damaged, or is none."),
    }
    what = next((text for kind, text in words.items() if isinstance(error, kind)), "")
    kept = _("What it held stays.") if isinstance(error, errors.StoreUnwritable) else ""
    if isinstance(error, errors.StoreBroken):
        backups = key("restore")
        step, short = (
            _("Press {key} to see which backups could take its place.").format(key=backups),
            _("{key} shows backups.").format(key=backups),
        )
        trouble = replace(trouble, step=step, short_step=short)
    return replace(trouble, what=what or _("The store said no."), kept=kept)


def unread(text: str, error: Exception, *, again: str = "r") -> str:
    """Return that something could not be read, why, and what can be done; `text` has ``{error}``, not gated."""
    said = text.format(error=one_line(said_by(error), 2 * _LONGEST))
    doctor = _("To look at everything: memos-admin doctor") if is_damage(error) else ""
    tries = _("{key} tries again.").format(key=again)
    return "\n\n".join(filter(None, (said, tries, doctor)))


def is_damage(error: Exception) -> bool:
    """Return whether an error says that the store is damaged or gone."""
    from memos_admin.backend.errors import StoreBroken

    return isinstance(error, StoreBroken)


def _of_another(error: Exception) -> Trouble:
    """Return what an error means that is neither the service's nor the store's."""
    from memos_admin.backend.absent import NotInRoster
    from memos_admin.backend.errors import FULL, HomeError
    from memos_admin.backend.projects.project import ProjectError

    if isinstance(error, HomeError | ProjectError | NotInRoster):
        return told(said_by(error))
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        text = _("{problem}. Check the path and its permissions.")
        if error.errno in FULL:
            text = _("{problem}. Make room: on the disk, or in what your quota counts.")
        return told(text.format(problem=f"{where}{error.strerror}"))
    kind, words = type(error).__name__, said_by(error)
    if words != kind:
        kind = f"{kind}: {words}"
    return Trouble(
        _("Something in memos-admin failed."),
        why=_(
            "This is a mistake in memos-admin ({error}). What is stored is as the last "
            "finished step left it. Please report it, with what you did before."
        ).format(error=kind),
        step=_("You can go on."),
        short_step=_("You can go on."),
    )


def of_report(
    report: SyncReport, scope: tuple[SubjectRef, ...], key: Keys, *, again: str
) -> Trouble | None:
    """Return what went wrong in a sync of `scope` (none: all), None where nothing did."""
    from memos_admin.backend.sync.wording import how_far

    if not report.stopped and not report.failed:
        return None
    several = report.asked > 1
    cause = report.cause if report.stopped else None
    if cause is None and not several and len(report.failed) == 1:
        cause = report.failed[0].cause
    if cause is not None and not several:
        return of_error(cause, key, again=again)
    if cause is not None:
        trouble = of_error(cause, key, again=again, begun=True)
        stays = sentences(how_far(report), _("What was read, and what was here before, stays."))
        text = ngettext(
            "{read} of {count} user read.", "{read} of {count} users read.", report.asked
        )
        kept = text.format(
            read=phrases.count(report.asked - report.missing), count=phrases.count(report.asked)
        )
        return replace(trouble, kept=kept, stays=stays, scope=scope)
    if several:
        what = _("{missing} of {count} users could not be read completely.").format(
            missing=phrases.count(report.missing), count=phrases.count(report.asked)
        )
    else:
        what = _("Not all of {name} could be read.").format(
            name=both_ends(called(report.failed[0].ref), 30)
        )
    why = f"{sentences(what, how_far(report))}\n\n{_failures(report)}"
    kept = _("The rest is kept.")
    return _try_again(Trouble(what, why=why, kept=kept, scope=scope, passes=True), key(again))


def _failures(report: SyncReport) -> str:
    """Return whom it failed for and why, a line each."""
    lines = []
    for failure in report.failed[:MOST_TOLD]:
        text = _("{name}: {error}")
        if failure.conversation_id:
            text = _("{name}, conversation {id}: {error}")
        name, id_ = called(failure.ref), failure.conversation_id
        lines.append(text.format(name=name, id=id_, error=failure.error))
    if len(report.failed) > MOST_TOLD:
        more = phrases.count(len(report.failed) - MOST_TOLD)
        lines.append(_("… and {count} more").format(count=more))
    return "\n".join(lines)


def of_upgrade(copy: Path, read: str) -> Trouble:
    """Return that the store was brought to the present schema, and what is left; `read`: the key that tells more."""
    more = _("{key} says what is kept of it as it was.").format(key=read)
    why = sentences(upgraded.done(), upgraded.left(copy))
    return Trouble(sentences(upgraded.done(), more), why=why, notice=True)


def of_subject(subject: Subject, key: Keys) -> Trouble | None:
    """Return what is wrong with a subject: an erasure of it, or what was not read; None: nothing."""
    if erasing := unfinished_erasures.of(subject):
        goes_on = _("Press {key} on the user to look at what is left, and to go on.")
        if not subject.erasing:
            goes_on = _(
                "It is ended there. What is stored here is as it was read before; to erase that too, press {key} on "
                "the user."
            )
        text = sentences(erasing, goes_on.format(key=key("subject_erase")))
        return Trouble(
            _("An erasure is unfinished."), why="\n\n".join(filter(None, (text, problem(subject))))
        )
    if erased := erased_before.said_of(subject):
        again = _("If it is to stay erased, press {key} on the user.").format(
            key=key("subject_erase")
        )
        why = "\n\n".join(filter(None, (sentences(erased, again), problem(subject))))
        return Trouble(_("This user was erased before."), why=why)
    if not subject.problem:
        return None
    what = _("Not all of {name} could be read.").format(name=both_ends(called(subject.ref), 30))
    trouble = Trouble(what, why=f"{what}\n\n{problem(subject)}", as_of=subject.synced_at)
    return _try_again(trouble, key("refresh"))


def problem(subject: Subject) -> str:
    """Return why not all of a subject could be read, ``""`` where it could; not gated."""
    text = without_keys(subject.problem or "")
    # "memories: Listing memories failed: …" says once too often what.
    for mark, doing in (("memories: ", "Listing"), (_("memories: "), _("Listing memories"))):
        if text.startswith(f"{mark}{doing}"):
            return text.removeprefix(mark)
    return text
