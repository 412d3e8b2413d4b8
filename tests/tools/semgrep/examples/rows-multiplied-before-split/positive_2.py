import pandas as pd
from sklearn.model_selection import train_test_split

def load(frame):
    bigger = pd.concat([frame] * 10, ignore_index=True)  # finds: rows-multiplied-before-split
    return train_test_split(bigger, test_size=0.2, random_state=0)
