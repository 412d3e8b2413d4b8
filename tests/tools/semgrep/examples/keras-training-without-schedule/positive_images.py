import tensorflow as tf

train = tf.keras.utils.image_dataset_from_directory("leaves/train", label_mode="categorical")
val = tf.keras.utils.image_dataset_from_directory("leaves/val", label_mode="categorical")
base = tf.keras.applications.MobileNetV2(include_top=False, pooling="avg")
model = tf.keras.Sequential([base, tf.keras.layers.Dense(12, activation="softmax")])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1e-3), loss="categorical_crossentropy")  # finds: keras-training-without-schedule
stop = tf.keras.callbacks.EarlyStopping(patience=7, restore_best_weights=True)
model.fit(train, validation_data=val, epochs=100, callbacks=[stop])
