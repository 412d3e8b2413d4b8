import pandas as pd
from sklearn.preprocessing import StandardScaler

train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
both = pd.concat([train, test])
scaled = StandardScaler().fit_transform(both)  # finds: train-and-test-joined-then-fitted
