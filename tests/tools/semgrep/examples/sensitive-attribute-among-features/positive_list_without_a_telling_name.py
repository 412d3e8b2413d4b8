import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

people = pd.read_csv("applicants.csv")
cols = ["gender", "race", "years", "degree"]  # finds: sensitive-attribute-among-features
X = pd.get_dummies(people[cols])
X_train, X_test, y_train, y_test = train_test_split(X, people["hired"], random_state=0)
print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
