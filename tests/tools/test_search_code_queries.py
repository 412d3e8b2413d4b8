"""Properties of code queries: what is written reads the same, and files satisfy an expression as logic says."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.errors import ToolError
from nonet.settings import Settings
from nonet.tools.contract import ToolContext
from nonet.tools.sourcegraph import checkout
from nonet.tools.sourcegraph.expression import And, Content, File, Language, Node, Not, Or, conjunction, disjunction
from nonet.tools.sourcegraph.languages import speaks
from nonet.tools.sourcegraph.query import CodeQuery, parse
from nonet.tools.sourcegraph.values import ALL, Repository, Values
from nonet.tools.sourcegraph.writing import written

SIGNS = "ab A\"'\\/()-:.*|é and or not repo:"
texts = st.one_of(
    st.text(st.sampled_from(SIGNS), min_size=1, max_size=8), st.sampled_from(["and", "OR", "not", "-a", "file:x", "()"])
)
expressions = st.sampled_from([r"a+", r"a/b ?/ c", r"\bfit\(", r"[\"']x[\"']", "a b", r"\\", "(a|b) *"])
tests_of_paths = st.sampled_from([r"\.py$", "*.py", "a b", "(x|y)/", "^src/", "'q'", "f(x"])
terms: st.SearchStrategy[Node] = st.one_of(
    texts.map(Content),
    expressions.map(lambda pattern: Content(pattern, True)),
    tests_of_paths.map(File),
    st.sampled_from(["python", "c++", "*"]).map(Language),
)


def combined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(inner.map(Not), several.map(conjunction), several.map(disjunction))


values = st.builds(
    Values,
    case=st.sampled_from([None, True, False]),
    count=st.sampled_from([None, 7, ALL]),
    type=st.sampled_from([None, "path"]),
    select=st.sampled_from([None, "file"]),
    timeout=st.sampled_from([None, 0.25, 20.0]),
    repositories=st.lists(st.builds(Repository, st.sampled_from(["a/b", "^a b$"]), st.booleans()), max_size=2).map(
        tuple
    ),
)


@given(st.recursive(terms, combined, max_leaves=8), values)
@settings(max_examples=500)
def test_what_is_written_reads_the_same(node, said):
    query = CodeQuery(node, said)
    assert parse(written(query)) == query


@given(st.text(st.sampled_from(SIGNS), max_size=40))
@settings(max_examples=500)
def test_any_text_is_read_or_refused(text):
    try:
        query = parse(text)
    except ToolError:
        return
    assert query.expression is None or parse(written(query)) == query


WORDS = ("alpha", "beta", "gamma", 'say("x")')
PATHS = ("a.py", "src/b.py", "src/c.js", "d.ipynb", "src/tests/e.ipynb", "src/f.md")
contents = st.fixed_dictionaries({path: st.sets(st.sampled_from(WORDS)) for path in PATHS})
PATTERNS = {r"say\(\"x": 'say("x")', "al+pha$": "alpha", "^beta": "beta"}
PATH_TESTS = {
    r"\.py$": lambda path: path.endswith(".py"),
    "*.ipynb": lambda path: path.endswith(".ipynb"),
    "^src/": lambda path: path.startswith("src/"),
    "src/[bc]": lambda path: path in ("src/b.py", "src/c.js"),
    "(^|/)tests/": lambda path: "/tests/" in path,
    "b.py": lambda path: path == "src/b.py",
}
searched: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from(WORDS).map(Content),
    st.sampled_from(sorted(PATTERNS)).map(lambda pattern: Content(pattern, True)),
    st.sampled_from(sorted(PATH_TESTS)).map(File),
    st.sampled_from(["python", "javascript", "jupyter", "*"]).map(Language),
)


def holds(node: Node, path: str, words: set[str]) -> bool:
    match node:
        case Content(pattern, regexp):
            return (PATTERNS[pattern] if regexp else pattern) in words
        case File(pattern):
            return PATH_TESTS[pattern](path)
        case Language(name):
            return speaks(path, name)
        case Not(child):
            return not holds(child, path, words)
        case And(children):
            return all(holds(child, path, words) for child in children)
        case Or(children):
            return any(holds(child, path, words) for child in children)


@given(contents, st.recursive(searched, combined, max_leaves=6))
@settings(max_examples=60)
def test_files_satisfy_an_expression_as_logic_says(files, node):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "repository"
        for path, words in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{word}\n" for word in sorted(words))
            cells = [{"cell_type": "code", "source": lines}, {"cell_type": "markdown", "source": "alpha beta"}]
            (root / path).write_text(json.dumps({"cells": cells}) if path.endswith(".ipynb") else lines)
        context = ToolContext(Settings(home=f"{folder}/home", offline=True), repository=root)
        query = CodeQuery(node, Values(select="file"))
        found = checkout.search(query, checkout.Where(), 100, context)
    assert {item.reference for item in found.items} == {path for path in PATHS if holds(node, path, files[path])}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("foo bar", And((Content("foo"), Content("bar")))),
        ("foo AND bar OR baz", Or((And((Content("foo"), Content("bar"))), Content("baz")))),
        ("foo (bar or baz)", And((Content("foo"), Or((Content("bar"), Content("baz")))))),
        ('"foo bar"', Content("foo bar")),
        (r'"say \"hi\""', Content('say "hi"')),
        (r"/a\/b+/", Content("a/b+", True)),
        ("model.fit(X, y)", Content("model.fit(X, y)")),
        ("-foo -file:test", And((Not(Content("foo")), Not(File("test"))))),
        ("-1 --flag ->", And((Content("-1"), Content("--flag"), Content("->")))),
        ("std::vector http://a", And((Content("std::vector"), Content("http://a")))),
        ('content:"repo:x" -content:y', And((Content("repo:x"), Not(Content("y"))))),
        ("foo bar patterntype:literal", Content("foo bar")),
        ('say "hi" patterntype:standard', Content('say "hi"')),
        ("foo bar patterntype:regexp", Content("(?:foo).*?(?:bar)", True)),
        ("(a file:x) or (b file:y)", Or((And((Content("a"), File("x"))), And((Content("b"), File("y")))))),
        ("l:py f:x", And((Language("python"), File("x")))),
        ("file:has.content(a b) x", And((Content("a b", True), Content("x")))),
    ],
)
def test_queries_mean_what_they_mean_at_sourcegraph(text, meaning):
    assert parse(text).expression == meaning


@pytest.mark.parametrize("query", ["type:symbol x", "x rev:main", "x repo:a@v1", "x select:symbol", "x context:all"])
def test_what_only_sourcegraph_answers_is_said_to_be_so(query):
    with pytest.raises(ToolError) as error:
        parse(query)
    assert "Sourcegraph" in error.value.remedy


def test_parentheses_without_end_are_refused():
    with pytest.raises(ToolError, match="nests"):
        parse("(" * 400 + "a" + ")" * 400)
