import pickle
import pandas as pd
from sklearn.linear_model import Ridge

def train_model(csv_path, out_path):
    df = pd.read_csv(csv_path)
    X = df[["sqft", "rooms", "year"]]
    y = df["rent"]
    model = Ridge(alpha=1.0)
    model.fit(X, y)  # finds: model-kept-without-validation
    with open(out_path, "wb") as f:
        pickle.dump(model, f)

train_model("rents.csv", "rents.pkl")
