import keras

model = keras.saving.load_model("model.keras", safe_mode=False)  # finds: unsafe-keras-deserialisation
model.summary()
