"""A classifier over a table, whose decisions are measured by group."""
