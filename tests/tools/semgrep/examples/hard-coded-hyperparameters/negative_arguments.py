import argparse

import torch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=1e-3)
    args = parser.parse_args()
    net = torch.nn.Linear(3, 1)
    return torch.optim.SGD(net.parameters(), lr=args.rate, momentum=0.9)
