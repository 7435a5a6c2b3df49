"""Which messages a memory came from, and how that is known: pure, no store, no network.

The service gives a memory's sources as message ids, as quoted texts, or not at all
(memos-cloud-api, "Items"), while messages have no ids of their own. So a link is certain if a
message bears the id (should the service ever give one) or if the quoted text stands in it; anything
else is only the nearest words, and said to be.
"""

from memos_admin.backend.provenance.beginning import derived_first
from memos_admin.backend.provenance.deriving import derived, derived_in
from memos_admin.backend.provenance.link import Earlier, How, Link, Spans
from memos_admin.backend.provenance.nearness import Nearness, nearest
from memos_admin.backend.provenance.sources import Linker, link_sources

__all__ = [
    "Earlier",
    "How",
    "Link",
    "Linker",
    "Nearness",
    "Spans",
    "derived",
    "derived_first",
    "derived_in",
    "link_sources",
    "nearest",
]
