"""memos-admin: inspect what a MemOS Cloud project remembers, and why."""

__version__ = "0.1.0"
