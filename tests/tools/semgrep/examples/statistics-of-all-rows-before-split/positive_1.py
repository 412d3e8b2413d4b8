from sklearn.model_selection import train_test_split

def prepare(df):
    df = df.fillna(df.median())  # finds: statistics-of-all-rows-before-split
    df["fare"] = (df["fare"] - df["fare"].mean()) / df["fare"].std()  # finds: statistics-of-all-rows-before-split
    train, test = train_test_split(df, test_size=0.25, random_state=1)
    return train, test
