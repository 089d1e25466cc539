"""Plan, execute, judge: checks and seen tables in, verdicts out."""
