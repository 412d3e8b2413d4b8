import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

people = pd.read_csv("applicants.csv")
cols = ["gender", "race"]
aside = people[cols]
X = pd.get_dummies(people.drop(columns=cols))
X_train, X_test, y_train, y_test = train_test_split(X, people["hired"], random_state=0)
hired = LogisticRegression(max_iter=1000).fit(X_train, y_train).predict(X_test)
print(pd.Series(hired, index=X_test.index).groupby(aside["gender"]).mean())
