from pathlib import Path

import pandas as pd

days = []
for path in sorted(Path("days").glob("*.csv")):
    days.append(pd.read_csv(path))
table = pd.concat(days, ignore_index=True)
