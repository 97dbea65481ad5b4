"""Every test starts from the same random numbers, and so does every run of the suite."""

import random

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def seeded() -> None:
    random.seed(0)
