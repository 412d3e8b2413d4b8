import io

import numpy as np
import tensorflow as tf
from flask import Flask, jsonify, request
from PIL import Image

app = Flask(__name__)


def train(images, labels):
    x = images.astype("float32") / 255.0
    model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(5, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, labels, epochs=3)
    return model


model = tf.keras.models.load_model("leaf-3.keras")


@app.route("/leaf", methods=["POST"])
def leaf():
    image = Image.open(io.BytesIO(request.data)).resize((64, 64))
    scores = model.predict(np.array(image, dtype="float32")[None])  # finds: serving-skips-pixel-scaling
    return jsonify(leaf=int(scores.argmax()))
