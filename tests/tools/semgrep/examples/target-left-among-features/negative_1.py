from sklearn.ensemble import RandomForestClassifier

X, y = train.drop(columns=["defaulted"]), train["defaulted"]
model = RandomForestClassifier(random_state=0).fit(X, y)
