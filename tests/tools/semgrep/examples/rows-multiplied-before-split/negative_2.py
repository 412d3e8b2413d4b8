from sklearn.utils import resample

means = [resample(scores).mean() for _ in range(1000)]
low, high = sorted(means)[25], sorted(means)[975]
