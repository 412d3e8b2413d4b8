from scipy.stats import ks_2samp


def drifted(a, b):
    p_value = ks_2samp(a, b).pvalue
    return p_value < 0.05


def enough(rows, ratio):
    assert rows > 100
    return ratio > 0.8
