import argparse
import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMERIC = ["tenure", "monthly_charges"]
CATEGORICAL = ["contract", "payment_method"]


def build():
    pre = ColumnTransformer([
        ("num", make_pipeline(SimpleImputer(), StandardScaler()), NUMERIC),
        ("cat", OneHotEncoder(handle_unknown="ignore"), CATEGORICAL),
    ])
    return make_pipeline(pre, HistGradientBoostingClassifier(random_state=0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    args = parser.parse_args()
    df = pd.read_csv(args.csv)
    X, y = df[NUMERIC + CATEGORICAL], df["subscribed"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    model = build()
    print(cross_val_score(model, X_train, y_train, scoring="roc_auc").mean())
    model.fit(X_train, y_train)
    print(model.score(X_test, y_test))
    joblib.dump(model, "model.joblib")


if __name__ == "__main__":
    main()
