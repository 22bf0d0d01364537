"""Measurements that need a model: each reads sampled rows and returns a small frozen record."""
