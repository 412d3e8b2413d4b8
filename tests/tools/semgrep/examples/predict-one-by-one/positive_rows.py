import joblib
import pandas as pd

model = joblib.load("model-2024-03-02.joblib")
customers = pd.read_csv("customers.csv")
scores = []
for row in customers.to_numpy():
    scores.append(model.predict_proba([row])[0, 1])  # finds: predict-one-by-one
customers["score"] = scores
