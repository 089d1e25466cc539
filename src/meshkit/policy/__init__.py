"""Policies to verdicts: facts of contracts and runs become rows, rules become one statement, its answer violations."""
