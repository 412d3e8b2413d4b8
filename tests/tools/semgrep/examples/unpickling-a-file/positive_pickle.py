import pickle

import joblib
import numpy as np
import pandas as pd


def load(folder):
    with open(folder / "model.pkl", "rb") as file:
        model = pickle.load(file)  # finds: unpickling-a-file
    scaler = joblib.load(folder / "scaler.joblib")  # finds: unpickling-a-file
    names = np.load(folder / "names.npy", allow_pickle=True)  # finds: unpickling-a-file
    return model, scaler, names, pd.read_pickle(folder / "rows.pkl")  # finds: unpickling-a-file
