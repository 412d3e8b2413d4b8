"""Semgrep: what the rule pack for machine-learning code finds in the user's files."""
