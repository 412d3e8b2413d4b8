"""What the page of this workflow speaks of: a classifier of written digits, made in the blueprint's own environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

from nonet import blueprints
from nonet.trials import environment

MAKE = """
import numpy as np, skops.io
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
images, digits = load_digits(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(images[:1400], digits[:1400])
skops.io.dump(model, "digits.skops")
np.savez("x.npz", X=images[1400:1600].astype(np.float32))
np.save("y.npy", digits[1400:1600])
"""


def write(folder: Path) -> None:
    """Write ``digits.skops``, ``x.npz`` and ``y.npy``."""
    project = blueprints.load("model_optimization").folder / "project"
    python = environment.prepare(project, folder / "home").python
    subprocess.run([str(python), "-c", MAKE], cwd=folder, check=True, timeout=120)
