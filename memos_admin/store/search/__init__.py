"""The full-text index beside a store: a file that may be thrown away at any time.

``search.db`` follows the store. What it has read is searched through it, the rest row by row, and
whatever is found is compared with what the store says now: an answer covers everything committed
and holds nothing else, however old, damaged or missing the index is.

========== ===================================================================================
`tokens`   what a word is, what a person asks for, and whether a text has it
`marks`    where the words stand in a text
`logs`     the tables of the store that only ever grow, and the texts of their rows
`removals` what the store notes when rows are removed from it
`index`    the file: shards of FTS5, each for a range of a table's keys
`filling`  reading the store into it, batch by batch
`fitting`  which shards still fit the store, and what none covers
`find`     searching: index, rest, comparison
`ranking`  what is found in order of relevance
`checking` whether the index holds what it says that it holds
========== ===================================================================================
"""
