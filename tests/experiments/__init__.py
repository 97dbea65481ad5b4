"""Experiments whose results the book shows, and which tests hold to what they say."""
