"""A package whose names were kept by hand."""

from json import loads
from os import *

__all__ = ["loads"]
