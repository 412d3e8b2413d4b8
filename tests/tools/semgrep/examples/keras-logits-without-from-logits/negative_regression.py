from tensorflow.keras import layers, models

model = models.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile(optimizer="adam", loss="mae")
classifier = models.Sequential([layers.Dense(16, activation="relu"), layers.Dense(4, activation="softmax")])
classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
