"""What the recall lab sends with a question: dialogs in which each parameter is changed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from memos_admin.backend.display import one_line
from memos_admin.backend.recall.parameters import (
    DOCUMENTED,
    LIMIT_NAMES,
    LIMITS,
    VIEWS,
    BadParameter,
    Parameters,
    of_mapping,
    parse_filter,
)
from memos_admin.backend.translated_names import meant, spoken
from memos_admin.backend.view_words import VIEWS as WORDS
from memos_admin.language import gettext as _
from memos_admin.tui.screen_safe import why_no_field
from memos_admin.tui.screens.dialogs import Ask, Choice
from memos_admin.tui.telling import tell
from memos_admin.tui.words import phrases
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memos_admin.tui.rows.recall import RecallState

_LIMITED = {view: WORDS[view] for view in VIEWS if view in DOCUMENTED}
"""The views that have a limit of their own, with what screens call them."""

_EXAMPLE = {"preference": 3, "skill": 1}

_VIEW_NAMES = ("include_preference", "include_tool_memory", "include_skill")


_Take = Callable[[str], Coroutine[Any, Any, str]]
"""Does what was asked for; returns why it cannot be done, ``""``: it was."""


class SendsParameters(Screen[Any], inherit_bindings=False):
    """A screen over `state`, what is sent, and `_configured`, what is sent where nothing was changed."""

    state: RecallState
    _configured: Parameters

    def _send(self, parameters: Parameters | None) -> None:
        """Send these from now on; None: what is configured."""
        raise NotImplementedError

    @property
    def _parameters(self) -> Parameters:
        """What is sent beside the question."""
        return self._configured if self.state.parameters is None else self.state.parameters

    def _change(self, **changes: Any) -> None:
        """Send other parameters from now on; None: that one is not sent."""
        body = self._parameters.body() | changes
        self._send(of_mapping({name: value for name, value in body.items() if value is not None}))

    def _asked(self, title: str, text: str, value: str, read: Callable[[str], Any]) -> None:
        """Ask for a parameter; `read` returns what is changed, or raises BadParameter or ValueError."""

        async def take(typed: str) -> str:
            try:
                self._change(**read(typed))
            except ValueError as error:
                return said_by(error)
            return ""

        self._ask_for(title, text, value, take)

    def _ask_for(self, title: str, text: str, value: str, take: _Take) -> None:
        """Ask for what is sent, unless the field would show what is masked."""
        if why := why_no_field(value):
            tell(self, why)
        else:
            self.app.push_screen(Ask(title, text, value=value, take=take))

    def action_threshold(self) -> None:
        """Choose the threshold."""
        given = self._parameters.relativity
        self._asked(
            _("Threshold"),
            _("A relativity from 0 (off) to 1; - sends none, and MemOS takes 0.45."),
            "-" if given is None else f"{given:g}",
            _read_threshold,
        )

    def action_limits(self) -> None:
        """Choose how many of each view are returned at most."""
        given = {name: getattr(self._parameters, name) for name in LIMIT_NAMES}
        values = set(given.values())
        value = "-" if values == {None} else f"{values.pop()}" if len(values) == 1 else ""
        if not value:
            value = " ".join(
                f"{_typed(view)}={given[LIMITS[view]]}"
                for view in _LIMITED
                if given[LIMITS[view]] is not None
            )
        self._asked(
            _("At most"),
            _(
                "A number from 0 to 25 for each view, or for some: {example}; - sends none, and MemOS takes 9."
            ).format(example=" ".join(f"{_typed(view)}={n}" for view, n in _EXAMPLE.items())),
            value,
            _read_limits,
        )

    def action_sent_filter(self) -> None:
        """Type the filter."""
        import json

        given = self._parameters.filter
        self._asked(
            _("Filter"),
            _("As MemOS takes it, in JSON: {example}; - sends none.").format(
                example='{"and": [{"tags": {"contains": "travel"}}]}'
            ),
            "-" if given is None else json.dumps(given, ensure_ascii=False),
            lambda typed: {"filter": None if typed == "-" else parse_filter(typed)},
        )

    def action_conversation(self) -> None:
        """Type the conversation that is sent."""

        async def take(typed: str) -> str:
            self.state.conversation_id = None if typed == "-" else typed[:100]
            self._send(self.state.parameters)
            return ""

        text = _("The conversation at hand, whose memories MemOS prefers; - sends none.")
        self._ask_for(_("Conversation"), text, self.state.conversation_id or "-", take)

    def action_views(self) -> None:
        """Choose a view that is to be asked for, or no longer."""
        given = self._parameters.include_memory_view

        def chosen(key: str | None) -> None:
            if key == "none":
                self._change(**dict.fromkeys(_VIEW_NAMES), include_memory_view=None)
            elif key == "all":
                self._change(**dict.fromkeys(_VIEW_NAMES), include_memory_view=list(VIEWS))
            elif key is not None:
                views = set(given or ()) ^ {key}
                wanted = [view for view in VIEWS if view in views]
                self._change(**dict.fromkeys(_VIEW_NAMES), include_memory_view=wanted)

        options = [("none", _("send none")), ("all", _("all views"))]
        for view in VIEWS:
            sign = "[x]" if given is not None and view in given else "[ ]"
            options.append((view, f"{sign} {phrases.view_word(view)}"))
        self.app.push_screen(Choice(_("Views that are asked for"), options), chosen)

    def action_configured(self) -> None:
        """Send what the configuration says again."""
        self._send(None)


def _read_threshold(typed: str) -> Mapping[str, Any]:
    if typed == "-":
        return {"relativity": None}
    try:
        return {"relativity": of_mapping({"relativity": float(typed)}).relativity}
    except BadParameter:
        raise
    except ValueError:
        raise ValueError(_("must be a number from 0 (off) to 1.")) from None


def _typed(view: str) -> str:
    """Return how a view is typed: as screens call it."""
    return spoken(WORDS[view].lower(), WORDS[view])


def _named(said: str) -> str | None:
    """Return the view with a limit that is called so, by screens or by the service; None: none is."""
    return said if said in _LIMITED else meant(said, _LIMITED)


def _read_limits(typed: str) -> Mapping[str, Any]:
    found: dict[str, int | None] = dict.fromkeys(LIMIT_NAMES)
    if typed == "-":
        return found
    for word in typed.split():
        said, equals, number = word.rpartition("=")
        view = _named(said)
        if (equals and view is None) or not (number.isascii() and number.isdigit()):
            raise ValueError(
                _("{word} is no limit. Give a number, or one for a view: {views}.").format(
                    word=one_line(word, 40), views=_(", ").join(map(_typed, _LIMITED))
                )
            )
        names = [LIMITS[view]] if view is not None else list(LIMIT_NAMES)
        found |= dict.fromkeys(names, int(number[:4]))
    given = {name: value for name, value in found.items() if value is not None}
    return found | of_mapping(given).body()
