"""Three users of whom each text says whose it is, and whom a screen names."""

from __future__ import annotations

from tests.backend.service import Service, a_memory, a_message
from tests.tui.looking import Look, main, seen

NAMES = ("ann", "bea", "cid")


def tell_of(service: Service, name: str) -> None:
    """Put a conversation and memories of somebody into the service, all of which name them."""
    talk = f"talk-of-{name}"
    service.say(name, talk, a_message(f"said by-{name}"), a_message(f"answer to-{name}"))
    service.put(
        name,
        a_memory(f"id-{name}-1", f"said by-{name}", title=f"one-of-{name}", conversation_id=talk),
        a_memory(f"id-{name}-2", f"knows two-of-{name}", title="", conversation_id=talk),
    )


def whose(look: Look) -> set[str]:
    """Return who is named anywhere but in the list of users, the cursor and the titles aside."""
    frame = main(look).desk.panes.frames["users"]
    screen = seen(look).splitlines()
    if frame.display and look.app.screen is main(look):
        x, y, width, height = frame.region
        for row in range(y, y + height):
            screen[row] = screen[row][:x] + screen[row][x + width :]
    text = "\n".join(screen)
    return {name for name in NAMES if any(f"{word}-{name}" in text for word in ("of", "by", "to"))}


def under(look: Look) -> str:
    """Return who is under the cursor, having looked that the screen is about nobody else."""
    desk = main(look).desk
    subject = desk.panes.users.row
    assert subject is not None
    assert desk.subject is not None
    assert desk.subject.ref == subject.ref
    return subject.ref.external_id
