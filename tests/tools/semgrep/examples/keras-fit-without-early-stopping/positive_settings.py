import argparse

import tensorflow as tf


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--out", default="run")
    return parser.parse_args()


class Trainer:
    def __init__(self, args):
        self.args = args
        self.model = tf.keras.applications.EfficientNetB0(weights=None, classes=7)

    def run(self, train, val):
        self.model.compile(tf.keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        return self.model.fit(  # finds: keras-fit-without-early-stopping
            train,
            validation_data=val,
            epochs=self.args.epochs,
            callbacks=[tf.keras.callbacks.TensorBoard(self.args.out)],
        )


if __name__ == "__main__":
    args = parse()
    train = tf.keras.utils.image_dataset_from_directory("data/train")
    val = tf.keras.utils.image_dataset_from_directory("data/val")
    Trainer(args).run(train, val)
