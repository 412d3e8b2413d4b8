from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.errors import InputError
from nonet.trials.contract import Interval, Metric, Target
from nonet.trials.targets import from_goal, judge, parse

METRICS = (
    Metric("ndcg@10", "maximise", ""),
    Metric("recall@10", "maximise", ""),
    Metric("p50_latency_ms", "minimise", "", unit="ms", source="latency", percentile=50),
    Metric("p95_latency_ms", "minimise", "", unit="ms", source="latency", percentile=95),
    Metric("build_seconds", "minimise", "", unit="s", source="resource"),
    Metric("index_bytes", "minimise", "", unit="bytes", source="resource"),
    Metric("context_tokens", "minimise", "", unit="tokens"),
    Metric("money", "minimise", "", unit="EUR"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p95_latency_ms<200", Target("p95_latency_ms", "<", 200)),
        ("p95_latency<0.2s", Target("p95_latency_ms", "<", 200)),
        (" P95 latency <= 0.5 min ", Target("p95_latency_ms", "<=", 30_000)),
        ("p95-latency-ms ≤ 200 milliseconds", Target("p95_latency_ms", "<=", 200)),
        ("p95_latency_ms<500us", Target("p95_latency_ms", "<", 0.5)),
        ("build_seconds<2min", Target("build_seconds", "<", 120)),
        ("recall@10>=90%", Target("recall@10", ">=", 0.9)),
        ("recall at 10 >= .9", Target("recall@10", ">=", 0.9)),
        ("index_bytes<2GB", Target("index_bytes", "<", 2e9)),
        ("index<2 GiB", Target("index_bytes", "<", 2**31)),
        ("index_bytes<512kb", Target("index_bytes", "<", 512e3)),
        ("index_bytes < 1,500,000", Target("index_bytes", "<", 1.5e6)),
        ("context_tokens<=4k", Target("context_tokens", "<=", 4000)),
        ("context_tokens<=4000 tokens", Target("context_tokens", "<=", 4000)),
        ("money<3EUR", Target("money", "<", 3)),
        ("ndcg@10>1e-3", Target("ndcg@10", ">", 0.001)),
    ],
)
def test_parse(text: str, expected: Target) -> None:
    assert parse(text, METRICS) == expected


@given(st.sampled_from(METRICS), st.sampled_from(["<", "<=", ">", ">="]), st.integers(0, 10**6))
def test_parse_reads_what_a_target_prints(metric: Metric, comparison: str, value: int) -> None:
    target = Target(metric.name, comparison, value / 8)  # type: ignore[arg-type]
    if float(f"{target.value:g}") == target.value:
        assert parse(str(target), METRICS) == target


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("p99_latency_ms<200", "no metric 'p99_latency_ms'.*Metrics here: ndcg@10, recall@10, p50_latency_ms"),
        ("p95_latency_ms<200 GB", "no unit 'GB'.*ns, us, µs, ms, s, sec, min, h"),
        ("recall@10>90 ms", "no unit 'ms'.*%"),
        ("money<3 USD", "no unit 'USD'.*EUR"),
        ("p95_latency_ms<200 parsecs", "no unit 'parsecs'"),
        ("p95_latency_ms", "no comparison"),
        ("p95_latency_ms<", "no comparison"),
        ("p95_latency_ms<fast", "no comparison"),
        ("p95_latency_ms==200", "no comparison|no metric"),
        ("<200", "no comparison"),
        ("", "no comparison"),
        ("p95_latency_ms<1e999", "too large"),
        ("p95_latency_ms<nan", "no comparison"),
    ],
)
def test_parse_refuses(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        parse(text, METRICS)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=30))
def test_parse_gives_a_target_or_an_input_error(text: str) -> None:
    try:
        target = parse(text, METRICS)
    except InputError:
        return
    assert math.isfinite(target.value)


@pytest.mark.parametrize(
    ("low", "high", "met"), [(150, 199.9, True), (150, 200, None), (200, 250, False), (201, 250, False)]
)
def test_judge_by_the_interval(low: float, high: float, met: bool | None) -> None:
    assert judge(Target("p95_latency_ms", "<", 200), Interval(180, low, high, 60)) is met


def test_judge_knows_nothing_without_an_interval() -> None:
    target = Target("ndcg@10", ">=", 0.9)
    assert judge(target, None) is None
    assert judge(target, Interval(1.0, -math.inf, math.inf, 1)) is None
    assert judge(target, Interval(0.9, 0.9, 0.95, 30)) is True


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Answer questions over our product docs, p95 under 200 ms", ["p95_latency_ms<200"]),
        ("answer fast: latency below 200ms.", ["p95_latency_ms<200"]),
        ("a search with at least 90% recall@10", ["recall@10>=0.9"]),
        ("recall at 10 of at least 0.9 and p95 latency at most 0.3 s", ["recall@10>=0.9", "p95_latency_ms<=300"]),
        ("keep it under 2 GB", ["index_bytes<2e+09"]),
        ("an index no more than 500 MB, ndcg@10 above 0.6", ["index_bytes<=5e+08", "ndcg@10>0.6"]),
        ("p50 < 20 ms, p95 < 50 ms", ["p50_latency_ms<20", "p95_latency_ms<50"]),
        ("at most 4000 tokens of context", ["context_tokens<=4000"]),
        # nothing is stated clearly enough
        ("Build a RAG system over docs/", []),
        ("we have over 2 GB of manuals", []),
        ("finish under 10 min", []),
        ("over 300 pages, at least 90% of requests", []),
        ("recall@10 under 0.5", []),
        ("p95 latency under 2 GB", ["index_bytes<2e+09"]),
        ("version 1.2 < 200 things", []),
        ("", []),
    ],
)
def test_from_goal(goal: str, expected: list[str]) -> None:
    assert [str(target) for target in from_goal(goal, METRICS)] == expected


@given(st.text(max_size=60))
def test_from_goal_takes_any_text(goal: str) -> None:
    assert all(target.metric in {metric.name for metric in METRICS} for target in from_goal(goal, METRICS))
