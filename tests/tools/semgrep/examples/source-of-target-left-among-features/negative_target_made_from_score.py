import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

students = pd.read_csv("students.csv")
students["passed"] = students["final_mark"].apply(lambda mark: int(mark >= 10))
students = students.drop(columns=["final_mark"])
y = students["passed"]
X = students.drop("passed", axis=1)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=3, stratify=y)
model = GradientBoostingClassifier(random_state=3).fit(X_train, y_train)
print(f1_score(y_test, model.predict(X_test)))
