"""What exactly will be done to memories: the requests, and what each memory says before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal

from memos_admin.backend.changing.said import Said
from memos_admin.backend.model import SubjectRef

Act = Literal["edit", "archive", "restore", "delete", "feedback"]

STATUS_OF: Mapping[Act, str] = {"archive": "archived", "restore": "activated"}
"""The status that an act sends (memos-cloud-api, "Writes")."""


class BadChange(ValueError):
    """What is to be changed cannot be; a sentence."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a memory shall say; None: what it says.

    Attributes:
        feedback: what is said of it in words, for the service to make of it what it will.
    """

    title: str | None = None
    content: str | None = None
    feedback: str | None = None


NO_EDIT = Edit()


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to one memory: one request.

    Attributes:
        before: what it says, as it was just read.
        edit: the texts that are sent.
        here: what is stored here says something else, which may be what a person has seen; None:
            it says the same, or is not stored.
    """

    act: Act
    before: Said
    edit: Edit = NO_EDIT
    here: Said | None = None

    @property
    def memory_id(self) -> str:
        """Of the memory."""
        return self.before.memory_id

    @property
    def route(self) -> str:
        """Where the request goes."""
        if self.act == "feedback":
            return "/add/feedback"
        return "/delete/memory" if self.act == "delete" else "/update/memory"

    @property
    def fields(self) -> dict[str, str]:
        """The fields that hold what is new; none for a deletion."""
        sent = {
            "title": self.edit.title,
            "content": self.edit.content,
            "status": STATUS_OF.get(self.act),
            "feedback_content": self.edit.feedback,
        }
        return {name: value for name, value in sent.items() if value is not None}

    @property
    def sent(self) -> dict[str, object]:
        """What the request holds, by its fields."""
        if self.act == "delete":
            return {"memory_ids": [self.memory_id]}
        if self.act == "feedback":
            user_id = None if self.before.ref is None else self.before.ref.external_id
            whose = {"user_id": user_id, "conversation_id": self.before.conversation_id}
            return {**whose, **self.fields}
        return {"memory_id": self.memory_id, **self.fields}

    def is_shown_by(self, now: Said | None) -> bool:
        """Whether the service says what it is to say afterwards."""
        if now is None or self.act == "delete":
            return self.act == "delete" and (now is None or now.status == "deleted")
        return all(getattr(now, name) == value for name, value in self.fields.items())

    def is_as_before(self, now: Said | None) -> bool:
        """Whether the service says what it said when a person looked at it."""
        return now is not None and now.text == self.before.text


@dataclass(frozen=True, slots=True)
class Passed:
    """A memory that is passed over, and why, in a sentence; `failed`: it should not have been."""

    memory_id: str
    why: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done to some memories, one after the other.

    Attributes:
        project: what the project is called whose memories they are.
        journaled: each is journaled, before and after; else that is switched off.
    """

    act: Act
    steps: tuple[Step, ...]
    project: str
    passed: tuple[Passed, ...] = ()
    journaled: bool = True

    @property
    def is_lasting(self) -> bool:
        """Whether the service keeps nothing of what was there before."""
        return self.act in {"edit", "delete"}

    @property
    def owners(self) -> tuple[SubjectRef | None, ...]:
        """Whose memories they are, each once; None: MemOS does not say."""
        return tuple(dict.fromkeys(step.before.ref for step in self.steps))

    @property
    def owner(self) -> SubjectRef | None:
        """Whose all of them are; None: they are not one's, or MemOS does not say."""
        return self.owners[0] if len(self.owners) == 1 else None

    @property
    def word(self) -> str:
        """What a person types to go on, which nobody types without having read it.

        The memory's id; of several the id of whose they are; of several persons' the project's name.
        """
        if len(self.steps) == 1:
            return self.steps[0].memory_id
        return self.project if self.owner is None else self.owner.external_id

    @property
    def pinned(self) -> str:
        """What says elsewhere, where nobody sees it at once, that this and nothing else is to be done.

        The word; of several memories with how many they are, and a checksum of what they say and what
        is sent, behind it: of a selection that has grown since it is another one.
        """
        if len(self.steps) == 1:
            return self.word
        shown = [(step.memory_id, step.before.text, step.route, step.sent) for step in self.steps]
        checksum = hashlib.sha256(
            json.dumps(sorted(shown, key=itemgetter(0)), sort_keys=True).encode()
        ).hexdigest()
        return f"{self.word} {len(self.steps)} {checksum[:8]}"
