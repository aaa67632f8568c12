"""Draws of a bitgibbs run, from its coordinator.

>>> import bitgibbs
>>> tree = bitgibbs.datatree("localhost:7070")            # what is stored now
>>> for draw in bitgibbs.Draws("localhost:7070", follow=True): ...
"""

from .channel import Tls
from .draws import Draw, Draws
from .errors import CoordinatorError
from .tree import datatree

__all__ = ["CoordinatorError", "Draw", "Draws", "Tls", "datatree"]
