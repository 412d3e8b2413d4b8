"""The public names are these and no others."""

import nonet


def test_public_names_are_pinned() -> None:
    assert sorted(nonet.__all__) == [
        "NonetError",
        "Settings",
        "arun",
        "demo",
        "graph",
        "prepare",
        "resume",
        "run",
        "show",
        "stream",
        "toolset",
        "verify",
        "workflows",
    ]


def test_every_public_name_loads() -> None:
    for name in nonet.__all__:
        assert getattr(nonet, name) is not None
        assert name in dir(nonet)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(nonet, "no_such_name")
