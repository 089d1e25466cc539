"""SQL as trees: what authors wrote is proved harmless, and checks become statements. The only room that knows sqlglot."""
