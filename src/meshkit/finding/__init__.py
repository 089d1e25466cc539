"""Products by words: a full-text index in memory. Pure but for the index itself, which touches no file."""
