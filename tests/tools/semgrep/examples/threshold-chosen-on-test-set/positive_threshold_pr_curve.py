import numpy as np
import joblib
from sklearn.metrics import precision_recall_curve, f1_score

bundle = joblib.load("split.joblib")
X_test, y_test = bundle["X_test"], bundle["y_test"]
model = joblib.load("model.joblib")
scores = model.predict_proba(X_test)[:, 1]
prec, rec, thr = precision_recall_curve(y_test, scores)  # finds: threshold-chosen-on-test-set
f1 = 2 * prec * rec / (prec + rec + 1e-9)
best_threshold = thr[np.argmax(f1[:-1])]
print("Best threshold", best_threshold, "F1", f1_score(y_test, scores >= best_threshold))
