"""Who reads whom, by what contracts say: one contract's reads, and the walk along them. Pure but for names of files."""
