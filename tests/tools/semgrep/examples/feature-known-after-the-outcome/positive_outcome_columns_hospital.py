import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import train_test_split

stays = pd.read_csv("stays.csv")
FEATURES = [  # finds: feature-known-after-the-outcome
    "age",
    "heart_rate",
    "discharge_status",
    "lactate",
]
X_train, X_test, y_train, y_test = train_test_split(
    stays[FEATURES], stays["readmitted"], stratify=stays["readmitted"], random_state=0
)
model = LGBMClassifier(random_state=0).fit(X_train, y_train)
print(average_precision_score(y_test, model.predict_proba(X_test)[:, 1]))
