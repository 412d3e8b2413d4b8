"""The nodes that workflows share, one step a file, and the flow that strings them together."""
