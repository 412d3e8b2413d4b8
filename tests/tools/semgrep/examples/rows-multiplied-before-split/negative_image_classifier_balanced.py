import tensorflow as tf

tf.keras.utils.set_random_seed(3)
train = tf.keras.utils.image_dataset_from_directory("flowers", validation_split=0.2, subset="training", seed=3)
val = tf.keras.utils.image_dataset_from_directory("flowers", validation_split=0.2, subset="validation", seed=3)
aug = tf.keras.Sequential([tf.keras.layers.RandomFlip(), tf.keras.layers.RandomRotation(0.1)])
base = tf.keras.applications.MobileNetV2(include_top=False, pooling="avg")
base.trainable = False
model = tf.keras.Sequential([aug, tf.keras.layers.Rescaling(1 / 127.5, offset=-1), base, tf.keras.layers.Dense(5)])
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=15, callbacks=[tf.keras.callbacks.EarlyStopping(patience=3)])
