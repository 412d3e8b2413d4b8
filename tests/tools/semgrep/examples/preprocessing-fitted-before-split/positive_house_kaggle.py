import pandas as pd
import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

df = pd.read_csv('house_prices.csv')
df = df.drop(['Id', 'Alley', 'PoolQC'], axis=1)
for col in df.select_dtypes(include='number').columns:
    df[col] = df[col].fillna(df[col].median())
df = pd.get_dummies(df)
y = np.log1p(df['SalePrice'])
X = df.drop('SalePrice', axis=1)
num = ['LotArea', 'GrLivArea']
X[num] = StandardScaler().fit_transform(X[num])  # finds: preprocessing-fitted-before-split
X_train, X_valid, y_train, y_valid = train_test_split(X, y, train_size=0.8, random_state=1)
model = RandomForestRegressor(n_estimators=400, random_state=1)
model.fit(X_train, y_train)
print(model.score(X_valid, y_valid))
