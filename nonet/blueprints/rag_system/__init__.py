"""Question answering over a folder of documents: chunking, retrieval and reranking, chosen by questions."""
