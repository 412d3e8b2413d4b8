"""Question answering over a folder of documents."""
