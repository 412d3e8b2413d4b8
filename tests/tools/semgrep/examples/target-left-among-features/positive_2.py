from sklearn.model_selection import train_test_split

def split(loans):
    return train_test_split(loans, loans["approved"], test_size=0.3, random_state=0)  # finds: target-left-among-features
