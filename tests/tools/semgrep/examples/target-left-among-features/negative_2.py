from sklearn.model_selection import train_test_split

def split(loans):
    y = loans.pop("approved")
    return train_test_split(loans, y, test_size=0.3, random_state=0)
