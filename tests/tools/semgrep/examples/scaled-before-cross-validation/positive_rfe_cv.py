import pandas as pd
from sklearn.feature_selection import RFE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

df = pd.read_csv("microarray.csv")
X = df.drop("relapse", axis=1)
y = df["relapse"]
selector = RFE(LogisticRegression(max_iter=1000), n_features_to_select=25)
selector.fit(X, y)  # finds: scaled-before-cross-validation
X_sel = X.loc[:, selector.support_]
print(cross_val_score(LogisticRegression(max_iter=1000), X_sel, y, cv=10, scoring="roc_auc").mean())
