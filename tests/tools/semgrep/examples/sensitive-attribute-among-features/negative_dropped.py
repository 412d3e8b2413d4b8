import pandas as pd
from sklearn.tree import DecisionTreeClassifier

people = pd.read_csv("census.csv")
to_drop = ["sex", "religion", "income"]
X = people.drop(columns=to_drop)
y = people["income"] > 50_000
tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, y)
print(tree.get_depth(), people[["sex", "income"]].groupby("sex").mean())
