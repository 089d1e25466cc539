"""`python -m meshkit_mcp`."""

from meshkit_mcp.server import main

main()
