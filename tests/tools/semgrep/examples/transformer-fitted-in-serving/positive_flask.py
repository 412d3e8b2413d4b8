import pickle

import pandas as pd
from flask import Flask, jsonify, request
from sklearn.preprocessing import LabelEncoder

app = Flask(__name__)
with open("model.pkl", "rb") as file:
    model = pickle.load(file)


@app.route("/predict", methods=["POST"])
def predict():
    rows = pd.DataFrame(request.get_json())
    for column in ("city", "plan"):
        rows[column] = LabelEncoder().fit_transform(rows[column])  # finds: transformer-fitted-in-serving
    return jsonify(model.predict(rows).tolist())


if __name__ == "__main__":
    app.run()
