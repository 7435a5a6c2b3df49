"""The page of a receipt of an erasure, for people: the words for each state that it can end in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import memos_admin
from memos_admin.backend.changing.subject_reading import Seen
from memos_admin.backend.changing.subject_wording import beyond_asking, unanswered
from memos_admin.backend.projects import elsewhere
from memos_admin.backend.remote import WINDOW
from memos_admin.backend.subject_access.earlier import at
from memos_admin.backend.subject_access.ended_wording import ending, in_a_word
from memos_admin.backend.subject_access.page import Fact, Page, Said
from memos_admin.backend.subject_access.page_markdown import MarkdownPage
from memos_admin.language import N_, counted, ngettext, written_in
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.changing.subject_reading import Check
    from memos_admin.backend.subject_access.erasure_outcome import ErasureOutcome
    from memos_admin.backend.subject_access.erasure_plan import ErasurePlan
    from memos_admin.backend.subject_access.runs_elsewhere import RunElsewhere
    from memos_admin.store.erasures import Attempt

_CARRIED: Mapping[str, str] = {
    "answered": N_("MemOS answered it"),
    "done": N_("MemOS said that it was done"),
    "unknown": N_("MemOS did not say whether it was done"),
    "absent": N_("MemOS said that it has nothing of it"),
    "refused": N_("MemOS refused it"),
}
_SHOWN: Mapping[Seen, str] = {
    "nothing": N_("MemOS shows nothing any more"),
    "others": N_("MemOS shows nothing more than what it lists for others too"),
    "listing": N_("a listing shows nothing; nothing else was known that could be asked for"),
    "not all": N_(
        "what could be asked for shows nothing; not all was known any more that an earlier attempt knew"
    ),
    "something": N_("MemOS still shows something"),
    "unread": N_("not verified: it could not be read back whole"),
}


def not_verified(outcome: ErasureOutcome) -> Iterator[str]:
    """Yield what nobody can verify from here; where nothing was erased, what is kept all the same."""
    if outcome.ended == "refused":
        yield _("The journal keeps the id, with who did what and when.")
        return
    service, held = outcome.plan.service, outcome.here.held
    yield _("Conversations that no memory names and nobody has named, if there are any.")
    yield _(
        "Messages of known conversations beyond the latest {count}: MemOS does not serve older ones."
    ).format(count=WINDOW)
    yield _("Archived memories that were never seen here: MemOS does not list them.")
    yield _("Knowledge bases, and what MemOS keeps in backups and logs of its own.")
    yield _(
        "Copies elsewhere: exports, the archive that was written before, backups of the machine."
    )
    read = outcome.service.read
    if read is not None and (lacking := _(", ").join(unanswered(read))):
        yield _("What MemOS gave no answer about, or was not asked for any more: {what}.").format(
            what=lacking
        )
    if beyond := beyond_asking(service):
        yield beyond
    if held is not None and held.said_elsewhere:
        yield counted(
            held.said_elsewhere,
            "{count} message in a group conversation is stored with the others who took part.",
            "{count} messages in group conversations are stored with the others who took part.",
        )
    if held is not None and held.perhaps_said_elsewhere:
        yield counted(
            held.perhaps_said_elsewhere,
            "{count} message in a conversation of others has the same name and no id: whether this person wrote it is "
            "not known.",
            "{count} messages in conversations of others have the same name and no id: whether this person wrote them is "
            "not known.",
        )
    if outcome.erased is not None and held is not None and held.shared_memories:
        yield counted(
            held.shared_memories,
            "{count} memory is kept here, since MemOS lists it for others too.",
            "{count} memories are kept here, since MemOS lists them for others too.",
        )
    if outcome.plan.is_lost and outcome.service.is_complete:
        yield _(
            "What MemOS had after an earlier attempt, if only a copy on this machine knew of it: that was erased, so that "
            "nobody could ask for it again."
        )
    for other in outcome.here.elsewhere:
        yield elsewhere.text_of(other, None)
    yield _("The journal keeps the id, with who did what and when.")


def page(
    about: dict[str, Any], outcome: ErasureOutcome, now: int, form: Page | None = None
) -> Iterator[str]:
    """Yield a receipt for people, in the language of the order; `about`: what `document` returns."""
    language = outcome.plan.order.language
    with written_in(language):
        yield from list(_page(form or MarkdownPage(), about, outcome, language, now))


def _page(
    page: Page, about: dict[str, Any], outcome: ErasureOutcome, language: str, now: int
) -> Iterator[str]:
    plan, here = outcome.plan, about["here"]
    yield page.begin(_("Receipt of an erasure"), language)
    yield page.heading(1, _("Receipt of an erasure"))
    yield page.paragraph(ending(outcome).in_receipt)
    yield page.facts(
        [
            Fact(_("Erased for the request"), Said(plan.order.request)),
            Fact(_("Begun on"), at(outcome.began_at)),
            Fact(_("Receipt written on"), at(now)),
            *_before(plan),
            Fact(_("Receipt written with"), Said(f"memos-admin {memos_admin.__version__}")),
            Fact(_("Project"), Said(about["project"]["name"])),
            Fact(_("SHA-256 of the id"), Said(about["subject"]["sha256"])),
        ]
    )
    kind = plan.order.ref.kind
    text = _("The hash is that of {kind} and the id with a colon between: {kind}:ID.")
    yield page.paragraph(text.format(kind=kind))
    yield page.heading(2, _("In MemOS"))
    yield page.facts(_in_service(outcome))
    yield page.heading(2, _("In the copy that was kept here"))
    yield page.facts(_in_store(outcome, here))
    if outcome.ended != "refused":
        yield page.heading(2, _("What could not be verified"))
        yield page.points(not_verified(outcome))
    yield page.heading(2, _("The proof"))
    facts = [fact for each in outcome.plan.earlier for fact in _attempted(each)]
    for other in outcome.plan.begun_elsewhere:
        facts.extend(fact for each in other.attempts for fact in _attempted(each, other.title))
    for run in outcome.runs_elsewhere:
        facts.extend(_run_elsewhere(run))
    if outcome.bundle is not None:
        facts.append(Fact(_("Archive before, SHA-256"), Said(outcome.bundle.sha256)))
    entry = about["journal"]
    if entry is not None:
        text = _("entry {number}, hash {hash}")
        last = Said(text.format(number=entry["seq"], hash=entry["hash"]))
        facts.append(Fact(_("Last in the operator journal"), last))
    yield page.facts(facts)
    if entry is not None:
        yield page.paragraph(
            _(
                "The operator journal has two entries of each step that was taken: before it was begun, and when "
                "it was done or had failed. They say who did it. The hash of an entry is made of all entries "
                "up to it."
            )
        )
    yield page.end()


def _attempted(attempt: Attempt, project: str | None = None) -> Iterator[Fact]:
    """Yield what an earlier attempt that has no end found and did; `project`: another one, which has begun it."""
    text = _("begun {time} for {request}, not finished")
    if project is not None:
        text = _("begun {time} for {request} in project {project}, not finished")
    began = text.format(time=at(attempt.at), request=attempt.request, project=project)
    yield Fact(_("Earlier attempt"), Said(began))
    if attempt.memories is not None:
        found = (
            counted(attempt.conversations or 0, "{count} conversation", "{count} conversations"),
            counted(attempt.messages or 0, "{count} message", "{count} messages"),
            counted(attempt.memories, "{count} memory", "{count} memories"),
        )
        yield Fact(_("Found then"), _(", ").join(found))
    if not attempt.sent:
        done = _("nothing was deleted")
    elif attempt.answer:
        done = _(_CARRIED[attempt.answer])
    else:
        done = _("the deletion was sent to MemOS, or was about to be")
    yield Fact(_("Done then"), done)
    if (shown := attempt.shown) is not None:
        yield Fact(_("Read back then"), _(_SHOWN[shown]))
    elif attempt.answer:
        yield Fact(_("Read back then"), _("not to the end"))
    if attempt.erased_here:
        yield Fact(_("Then erased"), _("what was kept here"))
    if attempt.archive:
        yield Fact(_("Its archive, SHA-256"), Said(attempt.archive))


def _run_elsewhere(run: RunElsewhere) -> Iterator[Fact]:
    """Yield what another project has done to erase the same one, and where that is attested."""
    text = _("begun {time} for {request} in project {project}: {ended}")
    words = {"time": at(run.began_at), "request": run.request, "project": run.project}
    yield Fact(_("Run in another project"), Said(text.format(ended=in_a_word(run.ended), **words)))
    text = _("{name}, SHA-256 {hash}, entry {number} of the operator journal")
    named = text.format(name=run.name, hash=run.sha256, number=f"{run.entry:,}")
    yield Fact(_("Its receipt"), Said(named))


def _in_service(outcome: ErasureOutcome) -> Sequence[Fact]:
    plan, read = outcome.plan.service, outcome.service.read
    carried = "absent" if outcome.service.is_absent else outcome.service.carried
    facts = [
        Fact(_("Memories before"), f"{plan.memories:,}"),
        Fact(_("Known here, listed no more before"), f"{len(plan.archived) + len(plan.gone):,}"),
        Fact(_("Conversations before"), f"{len(plan.conversations):,}"),
        Fact(_("Deletion"), _(_CARRIED.get(carried, _CARRIED["unknown"]))),
    ]
    if read is None:
        return facts
    facts.append(Fact(_("Read back"), _(_SHOWN[outcome.shown or "unread"])))
    if read.readings > 1:
        text = _("{count} times, until the last one; what follows is what that showed")
        facts.append(Fact(_("Readings"), text.format(count=f"{read.readings:,}")))
    for name, check in (
        (N_("Still listed"), read.listing),
        (N_("Still there by id"), read.known),
        (N_("Conversations still served"), read.conversations),
        (N_("Still found by searching"), read.searches),
    ):
        facts.append(Fact(_(name), _shown(check)))
    if read.others.due:
        facts.append(Fact(_("Still there by id, of others too"), _shown(read.others)))
    if syncs := outcome.service.syncs:
        text = counted(syncs, "{count} time, not counted above", "{count} times, not counted above")
        facts.append(Fact(_("Read once more, for the copy here"), text))
    return facts


def _shown(check: Check) -> str:
    """Return what is left by one way of asking, and how often that was answered."""
    if check.count is None:
        return _("no answer") if check.due else _("not asked for")
    text = ngettext("{left} (asked {asked} time)", "{left} (asked {asked} times)", check.answered)
    if check.unanswered:
        text = ngettext(
            "{left} ({asked} answer, of {due} that were due)",
            "{left} ({asked} answers, of {due} that were due)",
            check.answered,
        )
    return text.format(left=f"{check.count:,}", asked=f"{check.answered:,}", due=f"{check.due:,}")


def _in_store(outcome: ErasureOutcome, here: dict[str, Any]) -> Sequence[Fact]:
    if outcome.ended == "refused":
        return [Fact(_("Erased"), _("no: nothing was deleted in MemOS"))]
    if outcome.erased is None:
        failed, waits = _("no: that failed"), _("no: first MemOS has to show nothing any more")
        return [Fact(_("Erased"), failed if outcome.problem else waits)]
    what = _(", ").join(
        (
            counted(here["conversations"], "{count} conversation", "{count} conversations"),
            counted(here["messages"], "{count} message", "{count} messages"),
            counted(here["memories"], "{count} memory", "{count} memories"),
            counted(
                here["earlier_versions"], "{count} earlier version", "{count} earlier versions"
            ),
        )
    )
    backups = counted(here["backups_erased_in"], "{count} backup", "{count} backups")
    facts = [
        Fact(_("Erased"), what),
        Fact(_("Erased in backups"), backups),
        Fact(_("Places that remain"), f"{here['remain']:,}"),
    ]
    if here["id_kept"]:
        kept = _("kept in the list of users, marked, until this is ended")
        facts.append(Fact(_("The id"), kept))
    return facts


def _before(plan: ErasurePlan) -> Iterator[Fact]:
    """Yield when the same id was erased before."""
    if plan.before is not None:
        text = _("{time}, for {request}, here alone")
        if plan.before.service == "nothing":
            text = _("{time}, for {request}, in MemOS and here")
        said = text.format(time=at(plan.before.at), request=plan.before.request or "?")
        yield Fact(_("Erased before"), Said(said))
