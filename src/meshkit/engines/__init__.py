"""Where data lives: SQL text in, Arrow out. An engine knows no contract."""
