"""What a person chooses for all screens: colours, language, what is masked. It is remembered."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from memos_admin import language
from memos_admin.backend.home import HomeError
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.screen_state import InterfaceState, save_interface
from memos_admin.language import gettext as _
from memos_admin.tui import themes
from memos_admin.tui.typed_ahead import TypedAhead
from memos_admin.tui.veiled import Veiled
from memos_admin.tui.widgets.pane import Pane
from memos_admin.tui.words.failures import said_by

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.tui.preferences import Preferences
    from memos_admin.tui.remembering import Remembering
    from memos_admin.tui.screen_safe import ScreenSafe
    from memos_admin.tui.session import Session


class Choices(TypedAhead):
    """The app as what is chosen knows it.

    Attributes:
        session: the project that is shown; None: there is none.
        demo: it was started for the demo, which remembers nothing.
        preferences: what was chosen, here or in the configuration.
    """

    home: Home
    session: Session | None
    demo: bool
    preferences: Preferences
    remembering: Remembering
    screen_safe: ScreenSafe

    def show_first_run(self) -> None:
        """Show how to come by a project, instead of whatever is shown."""
        raise NotImplementedError

    def watch_theme(self, theme: str) -> None:
        """Remember a theme that a person chose; the demo remembers nothing."""
        if not self.is_running or theme == self.preferences.theme:
            return
        chosen = replace(self.preferences.chosen, theme=theme)
        self.preferences = replace(self.preferences, theme=theme, chosen=chosen)
        self._remember_choices()

    def action_mask(self) -> None:
        """Mask what is personal on all screens, or show it again."""
        on = not self.screen_safe.state.mask
        self._mask(Privacy(on, on and self._names), replace(self.preferences.chosen, mask=on))

    def action_pseudonyms(self) -> None:
        """Give users other names as well, or show their ids again; what is masked stays so."""
        names = not self.screen_safe.state.pseudonyms
        chosen = replace(self.preferences.chosen, mask=True, pseudonyms=names)
        self._mask(Privacy(True, names), chosen)

    @property
    def _names(self) -> bool:
        """Whether users have other names as soon as anything is masked."""
        chosen = self.preferences.chosen.pseudonyms
        return self.preferences.privacy.pseudonyms if chosen is None else chosen

    def _mask(self, state: Privacy, chosen: InterfaceState) -> None:
        """Mask this from now on on all screens, and remember what was chosen, no more than that."""
        from memos_admin.tui.screens.main import MainScreen

        before = self.screen_safe.state
        mains = [screen for screen in self.screen_stack if isinstance(screen, MainScreen)]
        subjects = (main.desk.subject for main in mains)
        self.screen_safe.set(state, [each.ref for each in subjects if each is not None])
        self.clear_notifications()
        self._draw_over_anew()
        if self.session is not None and (
            before.mask > state.mask or before.pseudonyms > state.pseudonyms
        ):
            what = "names" if state.mask else "everything"
            self.session.journaling.revealed(what, 0, None, None)
        for main in mains:
            main.veil()
        self.tell(_told_of(state))
        self.preferences = replace(self.preferences, chosen=chosen)
        self._remember_choices()

    def _draw_over_anew(self) -> None:
        """Draw the screens over the main one anew; leave one that cannot, with those above it."""
        over = self.screen_stack[2:]
        stay = next((n for n, s in enumerate(over) if not isinstance(s, Veiled)), len(over))
        for _screen in over[stay:]:
            self.pop_screen()
        self.draw_veiled_anew()

    def draw_veiled_anew(self) -> None:
        """Draw those of the screens over the main one anew that can be."""
        for screen in self.screen_stack[2:]:
            if isinstance(screen, Veiled):
                for pane in screen.query(Pane):
                    pane.fit()
                screen.draw_anew()

    def search_themes(self) -> None:
        """Let a person choose among the themes; ours come first."""
        from memos_admin.tui.screens.dialogs import Choice

        def chosen(name: str | None) -> None:
            if name is not None:
                self.theme = name

        names = [(name, name) for name in themes.NAMES]
        self.push_screen(Choice(_("Theme"), names, chosen=self.theme), chosen)

    def choose_language(self) -> None:
        """Ask for the language, and speak it from then on."""
        from memos_admin.tui.screens.dialogs import Choice

        options = [*language.LANGUAGES.items()]
        self.push_screen(Choice(_("Language"), options, chosen=language.active()), self._speak)

    def _speak(self, chosen: str | None) -> None:
        """Speak a language that a person chose, and remember it; the demo remembers nothing."""
        if chosen is None:
            return
        language.activate(chosen)
        self.screen_safe.set(self.screen_safe.state)
        kept = replace(self.preferences.chosen, language=chosen)
        self.preferences = replace(self.preferences, language=chosen, chosen=kept)
        self._remember_choices()
        from memos_admin.tui.screens.main import MainScreen

        if isinstance(self.screen, MainScreen):
            self.screen.speak()
        else:
            self.show_first_run()

    def _remember_choices(self) -> None:
        if not (self.demo or (self.session is not None and self.session.demo)):
            save = partial(self._save_choices, self.preferences.chosen)
            self.remembering.keep("interface", save)

    def _save_choices(self, chosen: InterfaceState) -> None:
        """Write what was chosen; say where it cannot be. In the thread that remembers."""
        try:
            save_interface(self.home, chosen)
        except (HomeError, OSError) as error:
            if self.is_running:
                text = _("This holds for this run only: {why}").format(why=said_by(error))
                self.call_from_thread(self.tell, text)


def _told_of(state: Privacy) -> str:
    if not state.mask:
        return _("Everything is shown as it is. It is journaled.")
    if state.pseudonyms:
        return _("Addresses, phones, numbers and keys are masked, and users have other names.")
    return _("Addresses, phones, numbers and keys are masked.")
