import pandas as pd
from sklearn.utils import resample
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.metrics import classification_report

df = pd.read_csv("attrition.csv")
majority = df[df.Attrition == 0]
minority = df[df.Attrition == 1]
minority_up = resample(minority, replace=True, n_samples=len(majority), random_state=123)  # finds: rows-multiplied-before-split
df_up = pd.concat([majority, minority_up])
y = df_up.Attrition
X = df_up.drop("Attrition", axis=1)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=123)
dt = DecisionTreeClassifier(random_state=123).fit(X_train, y_train)
print(classification_report(y_test, dt.predict(X_test)))
