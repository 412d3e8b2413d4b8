from pathlib import Path

import pandas as pd

table = pd.DataFrame()
for path in sorted(Path("days").glob("*.csv")):
    day = pd.read_csv(path)
    table = pd.concat([table, day], ignore_index=True)  # finds: array-grown-in-loop
table.to_parquet("month.parquet")
