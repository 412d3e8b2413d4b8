from sklearn.ensemble import RandomForestClassifier

model = RandomForestClassifier(random_state=0)
model.fit(train, train["defaulted"])  # finds: target-left-among-features
