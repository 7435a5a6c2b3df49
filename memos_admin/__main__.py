"""``memos-admin`` and ``python -m memos_admin``."""

import sys

from memos_admin import __version__


def main() -> int:
    """Run the program and return its exit code."""
    if sys.argv[1:] == ["--version"]:  # scripts ask for it often: nothing is imported for that
        print(f"memos-admin {__version__}")
        return 0
    from memos_admin.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
