"""The smallest Textual app: one label. What the interface's start is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Label

TEXT = "nothing but a label"


class Bare(App[None]):
    """Shows a label."""

    def compose(self) -> ComposeResult:
        yield Label(TEXT)


if __name__ == "__main__":
    Bare().run()
