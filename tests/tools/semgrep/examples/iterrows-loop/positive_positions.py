import pandas as pd

orders = pd.read_csv("orders.csv")
late = []
for i in range(len(orders)):
    order = orders.iloc[i]  # finds: iterrows-loop
    late.append(order["delivered"] > order["promised"])
orders["late"] = late
