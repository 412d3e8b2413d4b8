import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import KFold, cross_val_score

windows = pd.read_csv("eeg_windows.csv")  # many windows per patient
groups = windows["patient_id"]
X = windows.drop(columns=["patient_id", "seizure"])
folds = KFold(5, shuffle=True, random_state=0)  # finds: groups-split-at-random
print(cross_val_score(RandomForestClassifier(random_state=0), X, windows["seizure"], cv=folds).mean())
