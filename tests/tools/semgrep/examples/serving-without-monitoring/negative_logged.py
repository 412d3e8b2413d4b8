import logging

import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)
logger = logging.getLogger("predictions")
model = joblib.load("leads-2.joblib")


@app.route("/predict", methods=["POST"])
def predict():
    row = request.json["row"]
    proba = float(model.predict_proba([row])[0, 1])
    logger.info("row=%s prediction=%.4f", row, proba)
    return jsonify(probability=proba)


@app.route("/health")
def health():
    return "ok"
