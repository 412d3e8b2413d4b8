"""The HTTP server: /health, /metrics, /ask, /search."""
