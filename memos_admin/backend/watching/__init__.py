"""Watching a project: asking politely again and again, and telling only what changed.

::

    calm.py   when to ask next
    watch.py  the polls: whom, what was found, what went wrong
    task.py   one asynchronous task of the service, and the memories that came of it
"""

from memos_admin.backend.watching.calm import DEFAULT_INTERVAL, SHORTEST_INTERVAL, Calm, Outcome
from memos_admin.backend.watching.watch import MOST_WATCHED, Found, Poll, Watch, Watched

__all__ = [
    "DEFAULT_INTERVAL",
    "MOST_WATCHED",
    "SHORTEST_INTERVAL",
    "Calm",
    "Found",
    "Outcome",
    "Poll",
    "Watch",
    "Watched",
]
