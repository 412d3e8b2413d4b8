import pandas as pd
from sklearn.linear_model import LogisticRegression

data = pd.read_csv("clicks.csv")
data = data.head(10_000)  # finds: head-of-file-as-sample
X, y = data.drop(columns="clicked"), data["clicked"]
model = LogisticRegression(max_iter=500)
model.fit(X, y)
subset = data[:5000]  # finds: head-of-file-as-sample
print(model.score(subset.drop(columns="clicked"), subset["clicked"]))
