"""The one error type that users see: a sentence, never a traceback."""


class QuanyuError(Exception):
    """Something the user can act on.

    The command line prints the message as one sentence and exits with code 1; it names
    the file, row, key or setting at fault and says what to do next.
    """
