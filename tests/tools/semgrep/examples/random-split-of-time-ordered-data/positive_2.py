from sklearn.model_selection import KFold

def folds(frame):
    frame = frame.sort_values("timestamp")
    return KFold(5, shuffle=True, random_state=0).split(frame)  # finds: random-split-of-time-ordered-data
