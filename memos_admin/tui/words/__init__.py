"""What the interface says: times and counts, errors, notes of frames, filters and command lines in words."""
