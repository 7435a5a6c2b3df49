"""Other projects of this machine that may hold the same person: of the same address, or of nobody knows which.

A project is looked at as it is: nothing is created, upgraded or unlocked, and no key is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memos_admin.backend.command_words import erasing, last, option, program, subject_option
from memos_admin.backend.private_files import HomeError
from memos_admin.backend.projects.stored import Listing, unnamed
from memos_admin.cloud.origin import BadAddress, origin
from memos_admin.language import counted, sentences
from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreError, StoreLocked
from memos_admin.store.records import SubjectRef

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.projects.project import Project
    from memos_admin.store.erasing import Held
    from memos_admin.store.erasures import Attempt

Likeness = Literal["key", "address", "unknown"]
"""Of the same address and key: the same users; of the same address, with another key; nothing says."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another project with a store here.

    Attributes:
        title: its name, or what stands for it.
        name: None: it has none, and opens with its key only.
        base_url: None: nothing says which.
        store: its file.
        likeness: how it is like the project that was asked for.
        held: what it holds of the subject; None: it was not looked at.
        problem: why it was not, a sentence; ``""``: it was.
        attempts: erasures of the subject that it has begun, which have sent a deletion and have no end, the first
            one first.
    """

    title: str
    name: str | None
    base_url: str | None
    store: Path
    likeness: Likeness
    held: Held | None = None
    problem: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether it has a row of the subject."""
        return self.held is not None and self.held.anything

    @property
    def is_left(self) -> bool:
        """Whether it holds the same subject of the same service, so that its erasure is not complete."""
        return self.holds and self.likeness == "key"

    @property
    def has_id_alone(self) -> bool:
        """Whether the id is on its roster, and nothing else of the subject is there but syncs that name it."""
        held = self.held
        return (
            held is not None
            and held.known
            and not any(
                (
                    held.conversations,
                    held.messages,
                    held.message_versions,
                    held.memories,
                    held.memory_versions,
                    held.verdicts,
                    held.shared_memories,
                    held.let_go_alone,
                    held.said_elsewhere,
                )
            )
        )


def look(home: Home, project: Project, ref: SubjectRef) -> tuple[Elsewhere, ...]:
    """Return the other projects that hold a subject of this id, have begun to erase it, or could not be looked at. Blocks.

    Raises:
        ConfigError: the configuration is faulty.
        HomeError: it, or the folder of all projects, cannot be read.
    """
    found = (_looked_at(one, ref) for one in like(home, project))
    return tuple(
        one for one in found if one is not None and (one.holds or one.problem or one.attempts)
    )


def like(home: Home, project: Project) -> Iterator[Elsewhere]:
    """Yield the other projects of the same address, and those of which nothing says theirs, not looked at.

    Raises:
        ConfigError: the configuration is faulty.
        HomeError: it, or the folder of all projects, cannot be read.
    """
    from memos_admin.backend.projects import Projects

    named = Projects(home).list()
    for one in named:
        likeness = _likeness(one.base_url, one.fingerprints, project)
        if one.uuid != project.uuid and likeness is not None:
            store = one.store_dir / "store.db"
            yield Elsewhere(one.title, one.name, one.base_url, store, likeness)
    for other in unnamed(home, Listing(named, None, None)):
        keys = () if other.fingerprint is None else (other.fingerprint,)
        likeness = _likeness(other.base_url, keys, project)
        if other.uuid != project.uuid and likeness is not None:
            store = other.store_dir / "store.db"
            yield Elsewhere(other.title, None, other.base_url, store, likeness)


def _looked_at(one: Elsewhere, ref: SubjectRef) -> Elsewhere | None:
    """Return what a project holds of a subject, and has begun; None where it has no store and has begun nothing."""
    from memos_admin.backend.erasing import unerased
    from memos_admin.store import erasing, erasures  # with SQLAlchemy, which lists do without

    try:
        begun = unerased.attempts_of(one.store.parent, ref)
    except HomeError as error:
        return replace(one, problem=str(error))
    one = replace(one, attempts=_sent(begun))
    try:
        with erasing.looking(one.store) as connection:
            begun = (*begun, *erasures.open_of(connection, ref))
            return replace(one, held=erasing.held(connection, ref), attempts=_sent(begun))
    except FileNotFoundError:
        return one if one.attempts else None
    except StoreLocked:
        return replace(one, problem=_("Its store is encrypted, and not open here."))
    except StoreError as error:
        return replace(one, problem=str(error))
    except OSError as error:
        return replace(one, problem=f"{error.filename}: {error.strerror}")


def _sent(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Return those that have sent a deletion, the first one first; what the store says of one goes before its note."""
    found = {each.at: each for each in attempts if each.sent}
    return tuple(found[at] for at in sorted(found))


def _likeness(
    base_url: str | None, fingerprints: tuple[str, ...], project: Project
) -> Likeness | None:
    if base_url is None:
        return "unknown"
    try:
        if origin(base_url) != project.origin:
            return None
    except BadAddress:
        return None
    return "key" if set(fingerprints) & set(project.fingerprints) else "address"


def texts_of(others: tuple[Elsewhere, ...], ref: SubjectRef) -> Iterator[str]:
    """Yield what other projects hold, or that they were not looked at, and the command for it."""
    for one in others:
        yield text_of(one, ref)


def text_of(one: Elsewhere, ref: SubjectRef | None) -> str:
    """Return what another project holds and has begun, or that it was not looked at, and the command for it.

    `ref`: whom; None: the text is to have no id.
    """
    from memos_admin.backend.erasing import unfinished_erasures

    command = command_of(one, ref)
    if one.attempts:
        begun = unfinished_erasures.text_of(one.attempts[-1])
        then = _("That one is to be run to its end first, there: {command}")
        if not one.holds:  # what it waits for is this one: two are not to send to each other
            then = _("That one is to be run to its end afterwards, there: {command}")
        return sentences(_state(one), begun, then.format(command=command))
    text = _("To erase it there: {command}")
    if one.has_id_alone:
        text = _("The id is personal data too. To take it off there: {command}")
    return sentences(_state(one), text.format(command=command))


def _state(one: Elsewhere) -> str:
    """Return what another project holds, as a sentence."""
    words = {"project": one.title, "where": _where(one)}
    held = one.held
    if one.problem:
        text = _("Not looked at: project {project} ({where}), which may hold it too. {why}")
        return text.format(why=one.problem, **words)
    if held is None or not one.holds:
        return _("Another project here, {project} ({where}), has nothing of it any more.").format(
            **words
        )
    if one.has_id_alone:
        text = _(
            "Another project here, {project} ({where}), has this id on its roster, and nothing else of it."
        )
        return text.format(**words)
    text = _("Another project here, {project} ({where}), holds it too: {what}.")
    if not one.is_left:
        text = _(
            "Another project here, {project} ({where}), has this id too, of the same person or of another: "
            "{what}."
        )
    what = _(", ").join(
        (
            counted(held.conversations, "{count} conversation", "{count} conversations"),
            counted(held.messages, "{count} message", "{count} messages"),
            counted(held.memories + held.shared_memories, "{count} memory", "{count} memories"),
        )
    )
    return text.format(what=what, **words)


def names_of(others: Iterable[Elsewhere]) -> str:
    """Return what other projects are called, in one text."""
    return _(", ").join(one.title for one in others)


def _where(one: Elsewhere) -> str:
    if one.likeness == "key":
        return _("the same address and key")
    if one.likeness == "address":
        return _("the same address, another key")
    return _("nothing says of which address it is")


def command_of(one: Elsewhere, ref: SubjectRef | None) -> str:
    """Return the command that helps there; a project without a name opens with its key only.

    It ends an erasure that was begun there, takes off an id that is all there is, and else erases what is
    stored: that would take what an erasure is verified by.

    `ref`: whom; None: the text is to have no id.
    """
    words = _words_of(one, ref)
    if one.name is not None:
        return f"{program(one.name)} {words}"
    command = f"memos-admin {words}"
    text = _("{command} (with MEMOS_API_KEY set to its key, and MEMOS_BASE_URL to {address})")
    return text.format(command=command, address=one.base_url or "?")


def _words_of(one: Elsewhere, ref: SubjectRef | None) -> str:
    """Return the command behind the project."""
    if one.attempts:
        request = option("request", one.attempts[-1].request)
        return f"subject erase {request} --carry-out" if ref is None else erasing(ref, [request])
    if one.has_id_alone:
        agent = ["--agent"] if ref is not None and ref.kind == "agent" else []
        return " ".join(
            ["users remove", *agent, *(() if ref is None else (last(ref.external_id),))]
        )
    return "store forget" if ref is None else f"store forget {subject_option(ref)}"
