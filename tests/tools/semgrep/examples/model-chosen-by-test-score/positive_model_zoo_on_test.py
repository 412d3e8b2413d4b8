import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC
import joblib

df = pd.read_csv("rice.csv")
X_train, X_test, y_train, y_test = train_test_split(df.iloc[:, :-1], df.iloc[:, -1], random_state=10, test_size=0.2)
candidates = {"lr": LogisticRegression(max_iter=1000), "rf": RandomForestClassifier(random_state=10), "svm": SVC()}
scores = {}
for name, model in candidates.items():
    model.fit(X_train, y_train)
    scores[name] = model.score(X_test, y_test)  # finds: model-chosen-by-test-score
best = max(scores, key=scores.get)
joblib.dump(candidates[best], "best.joblib")
