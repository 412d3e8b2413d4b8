from sklearn.model_selection import train_test_split
from sklearn.utils import resample

train, test = train_test_split(df, random_state=0)
train = resample(train, n_samples=9000, random_state=0)
