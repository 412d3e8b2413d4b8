"""Question answering over a folder of documents: designs of chunking, retrieval and reranking, measured by questions."""
