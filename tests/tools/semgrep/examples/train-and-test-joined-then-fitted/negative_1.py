import pandas as pd
from sklearn.preprocessing import StandardScaler

both = pd.concat([train, validation])
scaler = StandardScaler().fit(both)
