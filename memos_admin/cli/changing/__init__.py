"""Changing what MemOS holds: shown before, confirmed by an id, told and verified afterwards.

    memories.py     memories are edited, archived, restored, deleted
    subject.py      a user or an agent is deleted
    confirming.py   what both go through: allowed, confirmed, told, and what to do when interrupted

Several nouns change something: their options and verbs come from here.
"""
