"""Questions with what is expected of their answers, in a TOML file that a team shares.

::

    [sent]                                    # beside every question; before [recall] of config.toml
    relativity = 0.3

    [[question]]
    name = "allergy"                          # left out: the question itself
    user = "maria.gonzalez@example.com"
    ask = "Who has the peanut allergy?"
    conversation = "lisbon-easter"            # left out: none is sent
    sent = { memory_limit_number = 3 }        # before [sent], key by key
    must_contain = [
        { memory = "6861c161-95b6-589f-bd6f-2c4d323c30e1", within = 2 },
        { words = ["sister", "allergic"] },   # both, anywhere in it
    ]
    must_not_contain = [{ words = "user is allergic", view = "detail_factual" }]    # in this order

It comes from others: what cannot be is refused with file, line and key, and nothing is asked then.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from memos_admin.backend import config
from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.display import quoted
from memos_admin.backend.recall.lab import LONGEST, Question
from memos_admin.backend.recall.parameters import NAMES as SENT
from memos_admin.backend.recall.parameters import VIEWS, Parameters, of_table
from memos_admin.language import gettext as _

MOST_QUESTIONS = 1_000
MOST_EXPECTED = 100
"""Of one question."""

_LARGEST = 1_000_000
_LONGEST_ID = 100
_LONGEST_WORDS = 1_000
LONGEST_NAME = 200
EXPECTATIONS = ("must_contain", "must_not_contain")
"""The keys of what must be in an answer, and of what must not."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an answer must contain, or must not.

    Attributes:
        must: it must; else it must not.
        memory_id: a memory; None: any that has the words.
        words: each of these texts stands in its title, text or tags; capitals, and how wide spaces
            are, aside.
        view: only a memory of this view; None: of any.
        within: among the first so many of its view; None: anywhere.
    """

    must: bool
    memory_id: str | None = None
    words: tuple[str, ...] = ()
    view: str | None = None
    within: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A question of a file.

    Attributes:
        sent: what is sent beside it, as the file says.
        unknown_user: nothing at all may be known of the user.
    """

    name: str
    user_id: str
    text: str
    conversation_id: str | None = None
    sent: Parameters = field(default_factory=Parameters)
    expected: tuple[Expectation, ...] = ()
    unknown_user: bool = False

    @property
    def called(self) -> str:
        """Its name as it is shown: one that is the beginning of its text cuts nothing that is masked there."""
        return quoted(self.name, [self.text])

    def question(self, configured: Parameters) -> Question:
        """Return what is asked; `configured` holds where the file says nothing."""
        return Question(self.user_id, self.text, self.conversation_id, self.sent.over(configured))

    def digest(self, configured: Parameters) -> str:
        """Return what the question is known by again: another as soon as anything of it changes."""
        question = self.question(configured)
        whole = [
            question.user_id,
            question.text,
            question.conversation_id,
            question.parameters.body(),
            [[e.must, e.memory_id, e.words, e.view, e.within] for e in self.expected],
        ]
        text = json.dumps(whole, ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


def read(path: Path) -> tuple[Saved, ...]:
    """Return the questions of a file, in its order.

    Raises:
        ConfigError: it is not such a file; with file, line and key.
        OSError: it cannot be read.
    """
    return parsed(path, content(path))


def content(path: Path) -> bytes:
    """Return the bytes of a file. Raises ConfigError where it can be none with questions, or OSError."""
    # A pipe that nobody writes to would be waited for without end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ConfigError(_("is no file with questions."), path=path)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - of a descriptor
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise ConfigError(
            _("is larger than {most} bytes. Split it.").format(most=f"{_LARGEST:,}"), path=path
        )
    return text


def parsed(path: Path, text: bytes) -> tuple[Saved, ...]:
    """Return the questions that the bytes of a file hold. Raises ConfigError."""
    top = config.parse(path, text)
    top.only(("sent", "question"))
    sent = _sent(top)
    tables = top.tables("question")
    if len(tables) > MOST_QUESTIONS:
        raise top.error(
            "question",
            _("there are more than {most}. Split the file.").format(most=f"{MOST_QUESTIONS:,}"),
        )
    names: set[str] = set()
    found = []
    for table in tables:
        saved = _saved(table, sent)
        if saved.name in names:
            raise table.error(
                "name" if "name" in table.values else "ask",
                _("is the name of another question already. Give it a name of its own."),
            )
        names.add(saved.name)
        found.append(saved)
    return tuple(found)


def _sent(table: Table) -> Parameters:
    own = table.table("sent")
    own.only(SENT)
    return of_table(own)


def _saved(table: Table, sent: Parameters) -> Saved:
    table.only(("name", "user", "unknown_user", "ask", "conversation", "sent", *EXPECTATIONS))
    text = _needed(table, "ask", LONGEST)
    expected = tuple(one for key in EXPECTATIONS for one in _expected(table, key))
    if not expected:
        raise table.error(
            None, _("expects nothing: say must_contain or must_not_contain, or take it out.")
        )
    return Saved(
        name=_text(table, "name", LONGEST_NAME) or text[:LONGEST_NAME],
        user_id=_needed(table, "user", _LONGEST_ID),
        text=text,
        conversation_id=_text(table, "conversation", _LONGEST_ID),
        sent=_sent(table).over(sent),
        expected=expected,
        unknown_user=table.flag("unknown_user", default=False),
    )


def _expected(table: Table, key: str) -> tuple[Expectation, ...]:
    tables = table.tables(key)
    if len(tables) > MOST_EXPECTED:
        raise table.error(key, _("has more than {most}.").format(most=MOST_EXPECTED))
    return tuple(_expectation(one, must=key == "must_contain") for one in tables)


def _expectation(table: Table, *, must: bool) -> Expectation:
    table.only(("memory", "words", "view", "within"))
    memory_id = _text(table, "memory", _LONGEST_ID)
    words = _words(table)
    if (memory_id is None) == (not words):
        raise table.error(None, _("must have a memory or words, one of them."))
    view = table.text("view")
    if view is not None and view not in VIEWS:
        raise table.error(
            "view", _("is no view; there are {names}.").format(names=", ".join(VIEWS))
        )
    within = table.values.get("within")
    if within is not None and (type(within) is not int or not 1 <= within <= 25):
        raise table.error("within", _("must be a number from 1 to 25."))
    return Expectation(must, memory_id, words, view, within)


def _words(table: Table) -> tuple[str, ...]:
    value = table.values.get("words")
    texts = [table.text("words")] if isinstance(value, str) else table.texts("words")
    if texts is None:
        return ()
    flat = tuple(" ".join((text or "").split()) for text in texts)
    if not flat or not all(0 < len(text) <= _LONGEST_WORDS for text in flat) or len(flat) > 20:
        raise table.error(
            "words",
            _("must be a text, or a list of up to 20, of 1 to {most} characters each.").format(
                most=f"{_LONGEST_WORDS:,}"
            ),
        )
    return flat


def _text(table: Table, key: str, most: int) -> str | None:
    text = table.text(key)
    if text is None:
        return None
    if not text.strip() or len(text) > most:
        raise table.error(key, _("must have from 1 to {most} characters.").format(most=f"{most:,}"))
    return text.strip()


def _needed(table: Table, key: str, most: int) -> str:
    text = _text(table, key, most)
    if text is None:
        raise table.error(None, _("{key} is missing.").format(key=key))
    return text


def parse_expectation(said: str, *, must: bool) -> Expectation:
    """Return the expectation that a person typed, as it stands between the braces of a file.

    Raises:
        ValueError: it is none; with the key.
    """
    key = "expected"
    try:
        top = config.parse(Path(), f"{key} = {{ {said} }}".encode())
        top.only((key,))
        return _expectation(top.table(key), must=must)
    except ConfigError as error:
        name = error.key.removeprefix(key).lstrip(".")
        raise ValueError(f"{name}: {error.problem}" if name else error.problem) from None
