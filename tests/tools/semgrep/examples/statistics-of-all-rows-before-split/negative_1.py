from sklearn.model_selection import train_test_split

def prepare(df):
    train, test = train_test_split(df, random_state=1)
    filling = train.median()
    return train.fillna(filling), test.fillna(filling)
