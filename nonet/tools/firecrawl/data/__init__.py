"""Data of a page in the form that a JSON Schema wants.

schemas.py                the schema, and the check of a value
structure.py              what a page marks up: JSON-LD, microdata, meta, tables, definition lists
labels.py, values.py      when a label means a name; when a text is a value of a type
filling.py                a schema's names found in what a page marks up
inferring.py              what a model read, held against the page
presenting.py             the answer: JSON, with the place of each value
"""
