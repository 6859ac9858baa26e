"""A list that has grown old."""

from json import loads

__all__ = (
    'loads',
    'gone',
    'Second',
)


class First: ...


class Second: ...


class AVeryLongNameOfAClassThatNobodyWantsToReadTwice: ...


def a_function_with_a_name_that_is_long_too() -> None: ...
