"""What the rows of each list say, and where they come from: one module for each list."""
