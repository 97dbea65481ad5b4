"""Measurements that the book quotes; none of them is a test."""
