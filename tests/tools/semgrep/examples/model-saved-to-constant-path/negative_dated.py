from datetime import datetime

import joblib
import torch


def save(model, net, folder):
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    joblib.dump(model, folder / f"model-{stamp}.joblib")
    torch.save(net.state_dict(), f"{folder}/net-{stamp}.pt")
