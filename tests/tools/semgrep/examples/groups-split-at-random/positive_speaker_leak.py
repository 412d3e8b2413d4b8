import glob
import librosa
import numpy as np
import pandas as pd
from sklearn.svm import SVC
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

rows = []
for path in glob.glob("wav/*/*.wav"):
    speaker_id = path.split("/")[1]
    y, sr = librosa.load(path, sr=16000)
    mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=20).mean(axis=1)
    rows.append({"speaker_id": speaker_id, "emotion": path[-7], **{f"m{i}": v for i, v in enumerate(mfcc)}})
df = pd.DataFrame(rows)  # many recordings per speaker
X = df.drop(columns=["speaker_id", "emotion"])
y = df["emotion"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)  # finds: groups-split-at-random
svc = SVC(C=10).fit(X_train, y_train)
print(classification_report(y_test, svc.predict(X_test)))
