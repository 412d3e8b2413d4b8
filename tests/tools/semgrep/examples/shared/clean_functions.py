import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def fit_preprocessing(X):
    imputer = SimpleImputer(strategy="median")
    scaler = StandardScaler()
    X = scaler.fit_transform(imputer.fit_transform(X))
    return X, imputer, scaler


def apply_preprocessing(X, imputer, scaler):
    return scaler.transform(imputer.transform(X))


def main():
    df = pd.read_csv("water.csv")
    y = df.pop("potable")
    X_train, X_test, y_train, y_test = train_test_split(df, y, test_size=0.2, random_state=5, stratify=y)
    X_train, imputer, scaler = fit_preprocessing(X_train)
    X_test = apply_preprocessing(X_test, imputer, scaler)
    clf = RandomForestClassifier(random_state=5).fit(X_train, y_train)
    print(balanced_accuracy_score(y_test, clf.predict(X_test)))


main()
