"""What a model cannot work with, by name.

Each message is one sentence for the person who runs the model; the caller decides
whether it ends a command or becomes the reason why nothing was published.
"""

from __future__ import annotations


class ModelError(ValueError):
    """Base of every refusal of `ml`."""


class EmptyInputError(ModelError):
    """A frame that must hold rows is empty."""


class MissingColumnError(ModelError):
    """A frame lacks a column the model reads."""


class InvalidInputError(ModelError):
    """A frame breaks its grain, or holds a value that has no meaning here."""


class NotEnoughHistoryError(ModelError):
    """Too few labelled origins for training, calibration and the back-test."""


class SingleClassError(ModelError):
    """Every label is the same, so there is nothing to tell apart."""


class NotEnoughPeopleError(ModelError):
    """A side has too few people to learn from and to test on."""
