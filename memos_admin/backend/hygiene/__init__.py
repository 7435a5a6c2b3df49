"""What of all that is remembered deserves a look, by rules alone; docs/hygiene.md has them.

Offline and the same every time: a finding names a memory, a rule, the reason and the other memory, and says
nothing of what is to be done.
"""
