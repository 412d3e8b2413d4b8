import pandas as pd
from sklearn.utils import resample
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.metrics import classification_report

df = pd.read_csv("attrition.csv").drop_duplicates()
train, test = train_test_split(df, test_size=0.2, random_state=123, stratify=df.Attrition)
majority = train[train.Attrition == 0]
minority = train[train.Attrition == 1]
minority_up = resample(minority, replace=True, n_samples=len(majority), random_state=123)
balanced = pd.concat([majority, minority_up])
dt = DecisionTreeClassifier(random_state=123)
dt.fit(balanced.drop("Attrition", axis=1), balanced.Attrition)
print(classification_report(test.Attrition, dt.predict(test.drop("Attrition", axis=1))))
