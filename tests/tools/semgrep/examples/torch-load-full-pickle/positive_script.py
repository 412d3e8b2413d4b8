import sys

from torch import load

net = load(sys.argv[1], weights_only=False)  # finds: torch-load-full-pickle
net.eval()
print(sum(p.numel() for p in net.parameters()))
