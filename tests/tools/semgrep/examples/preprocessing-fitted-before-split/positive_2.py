import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn import model_selection
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer

df = pd.read_csv("mails.csv")
df[["age", "income"]] = SimpleImputer().fit_transform(df[["age", "income"]])  # finds: preprocessing-fitted-before-split
words = TfidfVectorizer(max_features=2000).fit_transform(df["text"])  # finds: preprocessing-fitted-before-split
features, labels = SMOTE(random_state=0).fit_resample(words, df["spam"])  # finds: preprocessing-fitted-before-split
X_train, X_test, y_train, y_test = model_selection.train_test_split(features, labels, stratify=labels)
