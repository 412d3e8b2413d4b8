import numpy as np


def windows(signal, size, step):
    rows = np.empty((0, size))
    start = 0
    while start + size <= len(signal):
        rows = np.vstack([rows, signal[start:start + size]])  # finds: array-grown-in-loop
        start += step
    energy = np.array([])
    for row in rows:
        energy = np.append(energy, (row**2).sum())  # finds: array-grown-in-loop
    return rows, energy
