import pandas as pd
from sklearn.linear_model import Ridge


def predict(df_train, df_test, y, columns):
    joined = pd.concat((df_train, df_test), axis=0)
    joined = joined.fillna(joined.mean())  # finds: train-and-test-joined-then-filled
    scaled = (joined[columns] - joined[columns].min()) / joined[columns].max()  # finds: train-and-test-joined-then-filled
    model = Ridge().fit(scaled[: len(y)], y)
    return model.predict(scaled[len(y) :])
