"""Firecrawl: one page in full."""
