"""PDF: the printed lines put back into paragraphs under headings."""
