"""Tavily: what is written about a topic."""
