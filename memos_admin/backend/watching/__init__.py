"""Watching a project: asking politely again and again, and telling only what changed.

::

    calm.py      when to ask next
    expense.py   how many requests a poll needs
    watch.py     the polls: whom, what was found, what went wrong
    task.py      one asynchronous task of the service, and the memories that came of it
    settings.py  ``[watch]`` of the configuration

Nothing is imported here: the configuration is read by every command, and polls import the client.
"""
