import torch


def restore(net, path):
    net.load_state_dict(torch.load(path, weights_only=True))
    return net
