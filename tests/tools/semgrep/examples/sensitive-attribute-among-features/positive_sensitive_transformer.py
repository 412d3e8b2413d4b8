import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

adult = pd.read_csv("adult.csv")
y = (adult.pop("income") == ">50K").astype(int)
pre = ColumnTransformer([
    ("num", StandardScaler(), ["age", "hours_per_week"]),
    ("cat", OneHotEncoder(handle_unknown="ignore"), ["workclass", "race", "sex", "occupation"]),  # finds: sensitive-attribute-among-features
])
X_train, X_test, y_train, y_test = train_test_split(adult, y, stratify=y, random_state=0)
pipe = Pipeline([("pre", pre), ("rf", RandomForestClassifier(random_state=0))]).fit(X_train, y_train)
print(roc_auc_score(y_test, pipe.predict_proba(X_test)[:, 1]))
