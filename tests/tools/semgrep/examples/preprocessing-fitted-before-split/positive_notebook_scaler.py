#!/usr/bin/env python
# coding: utf-8
# In[1]:
import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report

# In[2]:
raw = pd.read_csv("../input/heart.csv")
raw.head()

# In[3]:
target = raw["output"]
feats = raw.drop("output", axis=1)

# In[4]:
ss = StandardScaler()
feats_scaled = ss.fit_transform(feats)  # finds: preprocessing-fitted-before-split

# In[5]:
xtr, xte, ytr, yte = train_test_split(feats_scaled, target, test_size=0.25, random_state=7)
lr = LogisticRegression(max_iter=500)
lr.fit(xtr, ytr)
print(classification_report(yte, lr.predict(xte)))
