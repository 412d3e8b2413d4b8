import numpy as np
import pandas as pd
from flask import Flask, jsonify, request
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MinMaxScaler

app = Flask(__name__)
patients = pd.read_csv("patients.csv")
y = patients.pop("readmitted")
scaler = MinMaxScaler()
X = scaler.fit_transform(patients)
model = LogisticRegression().fit(X, y)


@app.route("/risk", methods=["POST"])
def risk():
    row = np.array(request.json["values"]).reshape(1, -1)
    return jsonify(risk=float(model.predict_proba(row)[0, 1]))  # finds: serving-skips-training-preprocessing
