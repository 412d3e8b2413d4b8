"""Firecrawl: pages of the web and of the user's folders, in full, by the site, or as data of a schema.

scrape_url                one page as Markdown
crawl_url                 the pages of one host that a page leads to
extract_structured_data   a page's data in the form of a JSON Schema

With ``FIRECRAWL_API_KEY``, or ``firecrawl_url`` for a server of one's own, the service answers (``service.py``); notes,
files and private hosts never go there. Else, with ``web``, pages are read from here (``pages/``), and data is found in
them (``data/``).
"""
