import pandas as pd
from sklearn.linear_model import LogisticRegression

data = pd.read_csv("clicks.csv")
print(data.head(10))
preview = data.head()
data = data.sample(10_000, random_state=0)
X, y = data.drop(columns="clicked"), data["clicked"]
model = LogisticRegression(max_iter=500)
model.fit(X, y)
