"""Git: what a checkout's history says. Nothing of a repository is ever run.

    log.py, diff.py, blame.py   the three tools: what an agent may ask
    apart.py, worker.py         the process of its own in which a repository is read, and its limits
    checkout.py, gitdir.py      which repository, and what of it may be shown
    revisions.py, dates.py      what names commits and times
    history.py, changes.py      commits in order; the files that one changed
    text.py, patches.py, cells.py   a file's text, notebooks by cell; what changed in it
    search.py                   expressions over messages and changed lines
    hyperparameters.py, assignments.py, values.py   which named value changed when
    lines.py                    who wrote each line

Reading is libgit2's, by ``pygit2``: it has no pager, no hooks, no external diff, no text conversion, no file system
monitor, no filter that is a command, and fetches nothing that a partial clone lacks. The ``git`` command is not used:
even hardened by options it runs the ``clean`` filters of a repository for its working tree, and before 2.45 a missing
object makes it run what the repository names as its transport.
"""
