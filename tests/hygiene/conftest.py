"""The demo as the tests of the evidence have it."""

from tests.evidence.conftest import demo_reads

__all__ = ["demo_reads"]
