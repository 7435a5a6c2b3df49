"""What is the same for every change: journaled before, sent once, journaled after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from memos_admin.backend import journal
from memos_admin.backend.changing.outcome import Carried
from memos_admin.backend.daemon import in_background
from memos_admin.backend.home import HomeError
from memos_admin.backend.keys import CredentialsError
from memos_admin.backend.upkeep import changing_now
from memos_admin.cloud.errors import Busy, CloudError, Unreachable, Unusable
from memos_admin.cloud.withdrawn import Withdrawn
from memos_admin.language import N_
from memos_admin.language import gettext as _
from memos_admin.store.errors import StoreError

if TYPE_CHECKING:
    from memos_admin.backend.journal import Event
    from memos_admin.backend.workspace import Workspace

_REFUSAL = N_("Nothing was changed")


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of a request that was sent once."""

    carried: Carried
    error: CloudError | None = None

    @property
    def problem(self) -> str:
        """Why it was not carried out, or nobody knows; ``""``: it was."""
        return "" if self.error is None else str(self.error)


@contextmanager
def nothing_sent() -> Iterator[None]:
    """Have what fails inside say that nothing was changed, in a note of the error."""
    try:
        yield
    except (CloudError, CredentialsError, StoreError, HomeError, OSError) as error:
        error.add_note(_("Nothing was changed."))
        raise


async def send(request: Awaitable[None]) -> Sent:
    """Send a request; nobody knows what an answer that did not come would have said.

    Raises:
        Withdrawn: it was cancelled while nothing was on its way.
    """
    try:
        await request
    except (Unreachable, Unusable, Busy) as error:
        return Sent("unknown", error)
    except CloudError as error:
        return Sent("refused", error)
    return Sent("done")


@asynccontextmanager
async def under_way(workspace: Workspace, event: Event) -> AsyncIterator[list[Sent]]:
    """Journal what is about to be changed, and what is interrupted inside, which nobody reads back then.

    Yields what takes in what is known of the request: as long as that is nothing, nobody knows whether
    it was done.

    Raises:
        NotJournaled: it could not be journaled; nothing was changed.
        HomeError: the project's folder cannot be used; nothing was changed.
    """
    answered: list[Sent] = []
    with changing_now.held(workspace.project.store_dir):
        await in_background(partial(journal.begin, workspace.home, event, _REFUSAL))
        try:
            yield answered
        except BaseException as error:
            if answered and answered[-1].carried == "done":
                end(workspace, event, answered[-1], "unread", done=True)
            else:
                is_refused = isinstance(error, Withdrawn) or (
                    bool(answered) and answered[-1].carried == "refused"
                )
                _fail(workspace, event, {"carried_out": "no" if is_refused else "unknown"}, error)
            raise


def end(
    workspace: Workspace, event: Event, sent: Sent, read_back: str | None, *, done: bool
) -> None:
    """Journal how a change ended, before whatever is changed next.

    Args:
        workspace: the project.
        event: what was begun.
        sent: what is known of the request.
        read_back: what the service shows; None: it was not asked.
        done: it was carried out, as the service said or shows.
    """
    known = {} if read_back is None else {"read_back": read_back}
    if sent.carried == "unknown":
        known["carried_out"] = "unsaid" if done else "unknown"
    elif sent.error is not None:
        known["carried_out"] = "no"
    if sent.error is not None and not done:
        _fail(workspace, event, known, sent.error)
    else:
        event = replace(event, details={**event.details, **known})
        journal.done(workspace.home, event, event.counts)


def _fail(
    workspace: Workspace, event: Event, known: Mapping[str, Any], error: BaseException
) -> None:
    journal.failed(workspace.home, replace(event, details={**event.details, **known}), error)
