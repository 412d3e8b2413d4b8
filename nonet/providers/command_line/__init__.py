"""Command-line agents as chat models: any that takes a prompt and prints an answer, described by one YAML file."""
