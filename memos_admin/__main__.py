"""``memos-admin`` and ``python -m memos_admin``."""

import gc
import sys

from memos_admin import __version__


def main() -> int:
    """Run the program and return its exit code."""
    if sys.argv[1:] == ["--version"]:  # scripts ask for it often: nothing is imported for that
        print(f"memos-admin {__version__}")
        return 0
    from memos_admin.backend.environment import take_secrets

    take_secrets()  # before anything is started
    from memos_admin.cli.main import main as run

    code = run()
    # All is closed, and the rest goes with the process: to look for cycles in it once more, as Python
    # does at its end, would take a list command a tenth of its time.
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(main())
