"""What every forked process would import first; the fork server imports it once."""

import langgraph.checkpoint.sqlite.aio
import threshold_workflow

import nonet.agents.specialist
import nonet.graphs.steps.reporting
import nonet.runs.verification
import nonet.trials.race

__all__ = ["langgraph", "nonet", "threshold_workflow"]
