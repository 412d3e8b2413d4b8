import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split

df = pd.read_csv("wells.csv")
y = df.pop("switch")
X_train, X_test, y_train, y_test = train_test_split(df, y, stratify=y, random_state=0)
models = {"lr": LogisticRegression(max_iter=1000), "rf": RandomForestClassifier(random_state=0)}
cv = {k: cross_val_score(m, X_train, y_train, scoring="roc_auc").mean() for k, m in models.items()}
winner = max(cv, key=cv.get)
m = models[winner].fit(X_train, y_train)
print(winner, cv, roc_auc_score(y_test, m.predict_proba(X_test)[:, 1]))
