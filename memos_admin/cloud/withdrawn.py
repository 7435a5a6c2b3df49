"""A change that is cancelled while nothing of it is on its way."""

import asyncio


class Withdrawn(asyncio.CancelledError):
    """It was cancelled, and the service has certainly not carried it out.

    Attributes:
        declined: it was sent before, and the service declined it.
    """

    def __init__(self, *, declined: bool) -> None:
        super().__init__()
        self.declined = declined
