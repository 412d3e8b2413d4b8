import pandas as pd
from sklearn.tree import DecisionTreeClassifier

people = pd.read_csv("census.csv")
X = people[["education", "hours", "sex"]]  # finds: sensitive-attribute-among-features
y = people["income"] > 50_000
tree = DecisionTreeClassifier(max_depth=4, random_state=0)
tree.fit(pd.get_dummies(X), y)
print(tree.get_depth())
