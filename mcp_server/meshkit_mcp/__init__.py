"""An MCP server over a mesh: what AI assistants may ask of it."""
