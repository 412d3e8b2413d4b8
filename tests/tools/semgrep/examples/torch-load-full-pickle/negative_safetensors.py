from safetensors.torch import load_file


def restore(net, path):
    net.load_state_dict(load_file(path))
    return net
