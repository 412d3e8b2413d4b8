import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split


class Trainer:
    def __init__(self, path, k=20):
        self.path = path
        self.k = k
        self.selector = SelectKBest(f_classif, k=k)

    def prepare(self):
        df = pd.read_parquet(self.path)
        y = df.pop("responded")
        X = self.selector.fit_transform(df, y)  # finds: preprocessing-fitted-before-split
        return train_test_split(X, y, test_size=0.2, random_state=11)

    def run(self):
        X_train, X_test, y_train, y_test = self.prepare()
        gbm = GradientBoostingClassifier(random_state=11)
        gbm.fit(X_train, y_train)
        return roc_auc_score(y_test, gbm.predict_proba(X_test)[:, 1])


if __name__ == "__main__":
    print(Trainer("campaign.parquet").run())
