import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

mails = pd.read_csv("mails.csv")
X_train, X_test, y_train, y_test = train_test_split(mails.drop(columns="spam"), mails.spam, random_state=0)
clf = LogisticRegression(C=0.3, max_iter=500)
clf.fit(X_train, y_train)
print("F1", f1_score(y_test, clf.predict(X_test)))
joblib.dump(clf, "spam.joblib")  # finds: training-without-tracking
