import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import cross_val_score

df = pd.read_csv("telco.csv")
feature_cols = ["tenure", "plan", "minutes", "churn", "support_calls"]  # finds: target-left-among-features
X = pd.get_dummies(df[feature_cols])
y = df["churn"]
print(cross_val_score(GradientBoostingClassifier(random_state=0), X, y, cv=5, scoring="roc_auc").mean())
