import pandas as pd
from sklearn.tree import DecisionTreeClassifier
from sklearn.model_selection import train_test_split
from sklearn.metrics import f1_score

loans = pd.read_csv("loans.csv")
loans["bad"] = (loans["days_past_due"] > 90).astype(int)
X = loans.drop(columns=["bad"])  # finds: source-of-target-left-among-features
y = loans["bad"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=1, stratify=y)
tree = DecisionTreeClassifier(max_depth=6, random_state=1).fit(X_train, y_train)
print(f1_score(y_test, tree.predict(X_test)))
