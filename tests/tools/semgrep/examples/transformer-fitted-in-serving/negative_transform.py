import joblib
import pandas as pd
from flask import Flask, jsonify, request

app = Flask(__name__)
bundle = joblib.load("bundle-2024-06-01.joblib")


@app.route("/predict", methods=["POST"])
def predict():
    rows = pd.DataFrame(request.get_json())
    scaled = bundle["scaler"].transform(rows[bundle["columns"]])
    return jsonify(bundle["model"].predict(scaled).tolist())
