"""datacheck: will this data break my training, and where?"""

__version__ = "0.1.0"
