"""The commands of the main screen: the one table of them, and what is made from it."""
