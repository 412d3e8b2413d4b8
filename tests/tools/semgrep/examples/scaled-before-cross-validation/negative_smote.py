import pandas as pd
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split

data = pd.read_csv("creditcard.csv")
X = data.drop(["Class", "Time"], axis=1)
y = data["Class"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=1)

pipe = Pipeline([("smote", SMOTE(random_state=1)), ("clf", LogisticRegression(max_iter=1000))])
cv = StratifiedKFold(5, shuffle=True, random_state=1)
print(cross_val_score(pipe, X_train, y_train, cv=cv, scoring="average_precision"))

X_bal, y_bal = SMOTE(random_state=1).fit_resample(X_train, y_train)
final = LogisticRegression(max_iter=1000).fit(X_bal, y_bal)
print(average_precision_score(y_test, final.predict_proba(X_test)[:, 1]))
