import torch

from nets import Net

net = Net()
net.load_state_dict(torch.load("net.pt", map_location="cpu"))  # finds: torch-load-without-weights-only
net.eval()
