import numpy as np
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

df = pd.read_csv("leads.csv")
X, y = df.drop(columns="won"), df["won"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, test_size=0.25, random_state=2)
gb = GradientBoostingClassifier(random_state=2).fit(X_train, y_train)
proba = gb.predict_proba(X_test)[:, 1]
best_t, best_f1 = 0.5, 0.0
for t in np.linspace(0.05, 0.95, 91):
    f1 = f1_score(y_test, proba >= t)  # finds: threshold-chosen-on-test-set
    if f1 > best_f1:
        best_t, best_f1 = t, f1
print("threshold", best_t, "F1", best_f1)
