from tensorflow import keras

model = keras.models.load_model("spam.keras")


def is_spam(vector):
    value = model.predict(vector[None], verbose=0)[0][0]
    if value > 0.8:  # finds: hard-coded-threshold-of-prediction
        return True
    return False
