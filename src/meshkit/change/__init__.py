"""Two contracts to the changes between them, each with the rule that judges it. Pure; knows no document."""
