import pandas as pd
from sklearn.model_selection import train_test_split

prices = pd.read_csv("prices.csv", parse_dates=["day"])
prices["lag"] = prices["close"].shift(1)
X_train, X_test = train_test_split(prices, test_size=0.2, random_state=0)  # finds: random-split-of-time-ordered-data
