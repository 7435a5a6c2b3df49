"""Lists and exports of messages and memories: tables for spreadsheets, JSON lines for everything.

Exports stream: they read through a connection of their own, a batch at a time, and hold no read
snapshot between batches. What is needed is imported from the modules, since lists need few of them.
"""
