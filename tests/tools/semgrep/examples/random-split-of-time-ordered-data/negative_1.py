import pandas as pd
from sklearn.model_selection import TimeSeriesSplit, train_test_split

prices = pd.read_csv("prices.csv", parse_dates=["day"])
train, test = train_test_split(prices, shuffle=False, test_size=0.2)
folds = TimeSeriesSplit(5)
