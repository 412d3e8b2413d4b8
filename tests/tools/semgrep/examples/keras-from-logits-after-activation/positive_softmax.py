import tensorflow as tf

model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(32, 3, activation="relu", input_shape=(64, 64, 3)),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dense(5, activation="softmax"),
])
model.compile(
    optimizer="adam",
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),  # finds: keras-from-logits-after-activation
    metrics=["accuracy"],
)
model.fit(tf.keras.utils.image_dataset_from_directory("flowers", image_size=(64, 64)), epochs=5)
