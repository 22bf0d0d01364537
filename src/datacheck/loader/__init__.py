"""Audits a torch DataLoader in its own order: `audit_loader` before training, `watch` while it runs."""

from .audit import audit_loader
from .factory import load_factory, make_loaders
from .watch import Watch, watch

__all__ = ["Watch", "audit_loader", "load_factory", "make_loaders", "watch"]
