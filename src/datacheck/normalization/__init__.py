"""The normalization contract: one file that training, test and serving share."""

from .contract import Normalization
from .feature import ACTIONS, Channel, Feature
from .labels import Labels

__all__ = ["ACTIONS", "Channel", "Feature", "Labels", "Normalization"]
