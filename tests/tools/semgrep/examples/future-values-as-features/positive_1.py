def features(frame):
    frame["sales_next_week_hint"] = 0
    frame["trend"] = frame["sales"].shift(-1) - frame["sales"]  # finds: future-values-as-features
    frame["smooth"] = frame["sales"].rolling(7, center=True).mean()  # finds: future-values-as-features
    return frame
