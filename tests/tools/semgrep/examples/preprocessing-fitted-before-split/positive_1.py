from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

def load(frame):
    X = frame.drop(columns=["churn"])
    y = frame["churn"]
    scaler = StandardScaler()
    X = scaler.fit_transform(X)  # finds: preprocessing-fitted-before-split
    return train_test_split(X, y, test_size=0.2, random_state=0)
