import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, KFold, cross_val_score

windows = pd.read_csv("eeg_windows.csv")  # many windows per patient
groups = windows["patient_id"]
X = windows.drop(columns=["patient_id", "seizure"])
inner = KFold(3, shuffle=True, random_state=0)
scores = cross_val_score(
    RandomForestClassifier(random_state=0),
    X,
    windows["seizure"],
    groups=groups,
    cv=GroupKFold(5),
)
print(scores.mean())
