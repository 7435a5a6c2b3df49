"""What a person can do on the main screen: one module for each group of the table of commands."""
