"""The API key, pasted where an id or a question is asked for: refused with words, and not sent."""

from __future__ import annotations

import pytest

from memos_admin.backend.workspace import Workspace
from memos_admin.tui.jobs.searching import SearchState
from tests.backend.service import Service
from tests.tui.hosting import Make, hosted, paste, told
from tests.tui.looking import press
from tests.tui.test_jump import box
from tests.tui.test_recall import screen as recall
from tests.tui.test_search import screen as search

KEY = "mpg-0123456789abcdefghijklmnop"


@pytest.mark.parametrize(
    ("make", "what"),
    [(recall(), "question"), (search(state=SearchState(recall=True)), "question"), (box(), "id")],
    ids=["recall lab", "search", "jump box"],
)
async def test_it_is_refused_and_not_sent(
    story: Workspace, service: Service, size: tuple[int, int], make: Make, what: str
) -> None:
    async with hosted(story, size, make) as (look, _):
        requests = service.requests.copy()
        await paste(look, KEY)
        await press(look, "enter")
        await told(look, f"That is the API key, and no {what}.")
        assert service.requests == requests
