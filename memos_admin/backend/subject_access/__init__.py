"""Answering people who ask what is stored about them, or that it be erased.

::

    document.py      what the readable document says, for a page to be written
    words.py         what kind a memory is of, and its state, for a person to be read
    page_html.py     pages: HTML without scripts, and Markdown, in which no text of theirs is markup
    page_markdown.py
    tables.py        the tables of the bundle: conversations, messages, memories, versions
    archive.py       the zip: streamed, in one order, hashed file by file
    bundle.py        puts it together, journaled
    freshness.py     how old what is stored is, and what the service does not serve
    verifying.py     whether a bundle is what its manifest says
    erasure_plan.py  what an erasure will do; made by erasure_planning.py, which reads everything first
    erasure.py       does it, in the service and here, read back
    erasure_outcome.py  what came of it: how it ended, and what is left
    ended_wording.py how it ended, in words: for a receipt and for who did it; all else in erasure_wording.py
    sender.py        who answers, as ``[subject]`` of config.toml says
    runs_elsewhere.py  what other projects have done to erase the same one, as the journal has their receipts
    receipt.py       what was erased and what could not be verified, without a personal text, for programs
    receipt_page.py  the same for people
"""

from memos_admin.language import LANGUAGES

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES"]

DEFAULT_LANGUAGE = "en"
"""Of documents, where a command does not say."""
