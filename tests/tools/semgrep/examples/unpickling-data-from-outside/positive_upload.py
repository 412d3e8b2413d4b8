import io

import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/model", methods=["POST"])
def upload():
    body = request.get_data()
    model = joblib.load(io.BytesIO(body))  # finds: unpickling-data-from-outside
    app.config["model"] = model
    return jsonify(kind=type(model).__name__)
