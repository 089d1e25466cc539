"""`python -m meshkit` is the command."""

from meshkit.cli.main import main

main()
