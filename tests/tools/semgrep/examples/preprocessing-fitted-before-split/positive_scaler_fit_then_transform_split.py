import pandas as pd
from sklearn.preprocessing import RobustScaler
from sklearn.model_selection import train_test_split
from sklearn.linear_model import ElasticNet

d = pd.read_excel("concrete.xlsx")
features, strength = d.iloc[:, :-1], d.iloc[:, -1]
scaler = RobustScaler()
scaler.fit(features)  # finds: preprocessing-fitted-before-split
f_train, f_test, s_train, s_test = train_test_split(features, strength, random_state=9)
f_train = scaler.transform(f_train)
f_test = scaler.transform(f_test)
en = ElasticNet(random_state=9).fit(f_train, s_train)
print(en.score(f_test, s_test))
