import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.utils import resample

rare = df[df["fraud"] == 1]
more = resample(rare, n_samples=5000, random_state=0)  # finds: rows-multiplied-before-split
df = pd.concat([df, more])
train, test = train_test_split(df, random_state=0)
