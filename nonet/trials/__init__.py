"""How a design is measured: space, splits, worker, evaluator, statistics, decision, integrity. Knows no workflow."""
