def features(frame):
    frame["lag_1"] = frame["sales"].shift(1)
    frame["smooth"] = frame["sales"].rolling(7).mean().shift(1)
    frame["target"] = frame["sales"].shift(-7)
    return frame
