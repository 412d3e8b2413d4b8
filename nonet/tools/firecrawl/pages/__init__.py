"""Pages of the web, read from here.

addresses.py, guard.py    which addresses may be asked: nothing private, whatever a name, a redirect or DNS says
fetching.py, bodies.py    one request and its limits: time, size as sent and as unpacked, redirects
robots.py, crawling.py    what a site allows; several pages, and when to stop
reading.py, confined.py   strangers' HTML and PDF, read in a process of its own that can be killed
web.py                    all of that together: a page by its address
"""
