import re
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
from sklearn.metrics import confusion_matrix, accuracy_score

sms = pd.read_csv('spam.csv', encoding='latin-1')[['v1', 'v2']]
sms.columns = ['label', 'message']

def clean_text(t):
    return re.sub('[^a-z ]', ' ', t.lower())

corpus = [clean_text(m) for m in sms['message']]
cv = TfidfVectorizer(max_features=2500)
X = cv.fit_transform(corpus).toarray()  # finds: preprocessing-fitted-before-split
y = pd.get_dummies(sms['label']).iloc[:, 1].values

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.20, random_state=0)
spam_detect_model = MultinomialNB().fit(X_train, y_train)
y_pred = spam_detect_model.predict(X_test)
print(confusion_matrix(y_test, y_pred))
print(accuracy_score(y_test, y_pred))
