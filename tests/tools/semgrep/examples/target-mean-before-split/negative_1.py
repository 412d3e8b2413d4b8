def encode(train, test):
    rates = train.groupby("city")["target"].mean()
    return train["city"].map(rates), test["city"].map(rates)
