"""``memos-admin`` and ``python -m memos_admin``."""

import sys

from memos_admin.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
