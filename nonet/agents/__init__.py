"""Agents: who acts. One specialist a file; each calls a few tools and returns evidence.

    researcher   what is written about a topic       tavily-search
    reader       what was found, read in full        scrape_url, crawl_url, extract_structured_data, search_files
    librarian    the libraries' own documentation    c7_projects_list, c7_query
    code_reader  what the user's code does already   search_code, git_log, git_blame
    inspector    what is wrong with the user's code  semgrep_scan, search_code, read_file
    log_reader   how models were trained and saved   search_files, list_directory, read_file
    archivist    what was measured before            qdrant-find, qdrant-store

What each asks is an argument: nothing here knows a workflow. ``playbook.py`` is the model that needs no key. Where
there is a model it plans its own calls within ``limits.py`` and ends in ``findings.py``: statements whose references
exist, which are opinions.
"""
