"""An MCP server in place of a tool's own services."""
