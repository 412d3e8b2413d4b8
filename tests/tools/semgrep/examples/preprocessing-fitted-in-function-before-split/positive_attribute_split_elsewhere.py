import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import RobustScaler
from xgboost import XGBClassifier


class FraudTrainer:
    def __init__(self, path):
        self.path = path
        self.scaler = RobustScaler()
        self.model = XGBClassifier(n_estimators=200, random_state=3)

    def load(self):
        data = pd.read_parquet(self.path)
        self.y = data["is_fraud"]
        self.X = data.drop(columns=["is_fraud", "tx_id"])
        self.X = self.scaler.fit_transform(self.X)  # finds: preprocessing-fitted-in-function-before-split
        return self

    def split(self):
        self.X_train, self.X_test, self.y_train, self.y_test = train_test_split(
            self.X, self.y, test_size=0.3, stratify=self.y, random_state=3
        )

    def run(self):
        self.model.fit(self.X_train, self.y_train)
        return self.model.predict_proba(self.X_test)[:, 1]
