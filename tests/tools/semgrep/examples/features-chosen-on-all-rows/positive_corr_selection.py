import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.metrics import roc_auc_score

genes = pd.read_csv("expression.csv", index_col=0)
corr = genes.corr()["tumor"].abs().sort_values(ascending=False)  # finds: features-chosen-on-all-rows
top = corr.index[1:51]
X_train, X_test, y_train, y_test = train_test_split(genes[top], genes["tumor"], stratify=genes["tumor"], random_state=0)
m = LogisticRegression(max_iter=5000).fit(X_train, y_train)
print(roc_auc_score(y_test, m.predict_proba(X_test)[:, 1]))
