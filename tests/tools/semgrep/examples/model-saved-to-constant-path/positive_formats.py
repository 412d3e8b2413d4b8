import pickle

import torch
from sklearn.ensemble import RandomForestRegressor


def forest(X, y):
    model = RandomForestRegressor().fit(X, y)
    with open("model.pkl", "wb") as file:
        pickle.dump(model, file)  # finds: model-saved-to-constant-path


def network(net):
    torch.save(net.state_dict(), "checkpoints/best.pt")  # finds: model-saved-to-constant-path


def keras_model(model):
    model.save("classifier.keras")  # finds: model-saved-to-constant-path
