from datetime import date

import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.preprocessing import StandardScaler

frame = pd.read_csv("leads.csv")
y = frame.pop("bought")
scaler = StandardScaler()
X = scaler.fit_transform(frame)
model = GradientBoostingClassifier(n_estimators=150)
model.fit(X, y)
joblib.dump(model, f"leads-{date.today()}.joblib")  # finds: model-saved-without-preprocessor
