"""Finding: any id, any words, what changed, and where one has been."""

from __future__ import annotations

from memos_admin.language import gettext as _
from memos_admin.tui.actions.base import Acting
from memos_admin.tui.desk.place import Place
from memos_admin.tui.jobs.taking import memory_under


class FindingActions(Acting, inherit_bindings=False):
    """Going where something is, and back."""

    def action_jump(self) -> None:
        """Ask for an id, and go there."""
        from memos_admin.tui.screens.jump import JumpBox

        subject = self.desk.subject.ref if self.desk.subject is not None else None
        recent = self.visits.lately()
        self.app.push_screen(
            JumpBox(self.session, subject=subject, recent=recent, search=self.key("search")),
            self.open,
        )

    def action_search(self) -> None:
        """Search for words here and in MemOS, going on with the last search."""
        from memos_admin.tui.screens.search import SearchScreen

        subject = self.desk.subject.ref if self.desk.subject is not None else None
        screen = SearchScreen(self.session, subject=subject, state=self.searched)
        self.searched = screen.state
        self.app.push_screen(screen, self.open)

    def action_recall(self) -> None:
        """Ask MemOS what it recalls of the user, and why not more; in memories about one of them."""
        from memos_admin.tui.rows.questions import QuestionsState
        from memos_admin.tui.rows.recall import RecallState
        from memos_admin.tui.screens.recall import RecallScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject
        if subject is None or subject.ref.kind != "user":
            self.say(_("MemOS recalls for one user at a time. Choose a user first."))
            return
        if self.recalled is None:
            known = QuestionsState(self.questions_file)
            self.recalled = RecallState(subject.ref, questions=known)
        elif self.recalled.ref != subject.ref:
            self.recalled = RecallState(subject.ref, questions=self.recalled.questions)
        of_memory = self.pane in {"memories", "detail"}
        memory = memory_under(self.desk, self.pane) if of_memory else None
        self.recalled.memory_id = None if memory is None else memory.memory_id
        if memory is not None:
            self.recalled.chosen = None
            self.recalled.name = memory.title or memory.content

        def left(place: Place | None) -> None:
            self.remember()
            self.open(place)

        self.app.push_screen(RecallScreen(self.session, self.recalled), left)

    def action_changes(self) -> None:
        """Show what changed lately, of the user or of everyone."""
        from memos_admin.tui.screens.changes import ChangesScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject.ref if self.desk.subject is not None else None
        self.app.push_screen(
            ChangesScreen(self.session, subject, as_of=self.desk.chosen.as_of), self.open
        )

    def action_completeness(self) -> None:
        """Show how complete what is stored is, of the user or of everyone."""
        from memos_admin.tui.screens.completeness import CompletenessScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject.ref if self.desk.subject is not None else None
        self.app.push_screen(CompletenessScreen(self.session, subject), self.open)

    def action_overview(self) -> None:
        """Show the project in numbers."""
        from memos_admin.tui.screens.overview import OverviewScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject.ref if self.desk.subject is not None else None
        self.app.push_screen(OverviewScreen(self.session, subject), self.open)

    def action_timeline(self) -> None:
        """Show day by day what there was and what changed, of the user or of everyone."""
        from memos_admin.tui.screens.timeline import TimelineScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject.ref if self.desk.subject is not None else None
        self.app.push_screen(
            TimelineScreen(self.session, subject, as_of=self.desk.chosen.as_of), self.open
        )

    def action_evidence(self) -> None:
        """Show what stands behind what is remembered, of the user or of everyone."""
        from memos_admin.tui.screens.evidence import EvidenceScreen

        if not self.opens_for_somebody():
            return
        subject, scope = self.desk.subject, self.desk.scope
        ref = None if subject is None else subject.ref
        known = self.evidence
        if known is not None and (known.reviewing is None or known.chosen != ref):
            known = None
        conversation = None if scope is None else scope.conversation
        narrowed = self.desk.chosen
        screen = EvidenceScreen(self.session, ref, conversation, known, narrowed)
        self.evidence = screen.state
        self.app.push_screen(screen, self.open)

    def action_hygiene(self) -> None:
        """Show what of the user's memories, or of everyone's, deserves a look by rules alone."""
        from memos_admin.tui.screens.hygiene import HygieneScreen

        if not self.opens_for_somebody():
            return
        subject = self.desk.subject
        ref = None if subject is None else subject.ref
        screen = HygieneScreen(self.session, ref, self.cleaned, self.desk.chosen)
        self.cleaned = screen.state

        def left(place: Place | None) -> None:
            self.reload()  # findings may have been judged
            self.open(place)

        self.app.push_screen(screen, left)

    def action_find(self) -> None:
        """Ask for words to be found in the transcript."""
        if self.pane != "transcript":
            self.go_to("transcript")
        self.desk.panes.frames["transcript"].open_filter()

    def action_found(self, step: int) -> None:
        """Go to the next or previous message with the words."""
        if not self.desk.reading.count:
            self.action_find()
        else:
            self.desk.reading.go_on(step)

    def action_visit(self, step: int) -> None:
        """Go back to where one was, or forward again."""
        if self.desk.place is not None:
            self.visits.stay(self.here)
        place = self.visits.back() if step < 0 else self.visits.forward()
        if place is None:
            self.say(
                _("There is nothing before this.")
                if step < 0
                else _("There is nothing after this.")
            )
        else:
            self.visit(place)
