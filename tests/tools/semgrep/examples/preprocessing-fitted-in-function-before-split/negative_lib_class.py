"""Transformers of our own."""
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import StandardScaler


class LogScaler(BaseEstimator, TransformerMixin):
    """Scale logarithms."""

    def __init__(self, offset=1.0):
        self.offset = offset

    def fit(self, X, y=None):
        self.scaler_ = StandardScaler().fit(np.log(X + self.offset))
        return self

    def transform(self, X):
        return self.scaler_.transform(np.log(X + self.offset))

    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X)
