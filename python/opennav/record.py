# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire, as typed values: JSON to dataclasses and back."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


class Record:
    """A value of the API. Frozen; fields that the server left out are None."""

    def to_dict(self) -> dict[str, Any]:
        """As the API writes it, without what is None."""
        written = to_json(self)
        assert isinstance(written, dict)
        return written

    def _repr_html_(self) -> str:
        from . import html

        return html.of_record(self)


class Word(str, enum.Enum):
    """One of a few words. A server newer than this package may use one that is not known here: it is kept as it is."""

    @classmethod
    def _missing_(cls, value: object) -> Word | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = value.upper()
        word._value_ = value
        return word

    def __str__(self) -> str:
        return str(self.value)


def to_json(value: Any) -> Any:
    """What `json.dumps` takes: moments and lengths of time as microseconds, without fields that are None."""
    if isinstance(value, Record):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(typing.cast(Any, value)))
        return {name: to_json(inner) for name, inner in fields if inner is not None}
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // MICROSECOND
    if isinstance(value, datetime.timedelta):
        return value // MICROSECOND
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): to_json(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [to_json(inner) for inner in value]
    return value


def from_json(kind: type[T], value: Any) -> T:
    """The value as `kind`. Fields that `kind` does not know are left out: a newer server may send more. Raises ValueError if it does not fit."""
    try:
        return typing.cast(T, _reader(kind)(value))
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not a {getattr(kind, '__name__', kind)}: {error!r}") from error


_readers: dict[Any, Callable[[Any], Any]] = {}


def _reader(kind: Any) -> Callable[[Any], Any]:
    """How to read one type; made once."""
    if kind not in _readers:
        _readers[kind] = _made_reader(kind)
    return _readers[kind]


def _made_reader(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is datetime.datetime:
        return lambda value: EPOCH + datetime.timedelta(microseconds=value)
    if kind is datetime.timedelta:
        return lambda value: datetime.timedelta(microseconds=value)
    if kind is float:
        return float
    if origin in (typing.Union, types.UnionType):
        return _union_reader(arguments)
    if origin is list:
        of_item = _reader(arguments[0])
        return lambda value: [of_item(item) for item in value]
    if origin is dict:
        of_value = _reader(arguments[1])
        return lambda value: {name: of_value(inner) for name, inner in value.items()}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind
    if isinstance(kind, type) and issubclass(kind, Record):
        return _record_reader(kind)
    return lambda value: value


def _union_reader(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    records = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Record)]
    others = [kind for kind in kinds if kind not in records and kind is not type(None)]

    def read(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict) and records:
            return _reader(records[0])(value)
        return _reader(others[0])(value) if others else value

    return read


def _record_reader(kind: type[Record]) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    fields: list[tuple[str, Any, bool]] | None = None

    def read(value: Any) -> Any:
        nonlocal fields
        if fields is None:  # at the first value: a record may hold others of its own kind
            declared = dataclasses.fields(typing.cast(Any, kind))
            fields = [(field.name, _reader(hints[field.name]), field.default is dataclasses.MISSING) for field in declared]
        if not isinstance(value, dict):
            raise TypeError(f"an object was expected, not {type(value).__name__}")
        given = {}
        for name, of_field, required in fields:
            if value.get(name) is not None:
                given[name] = of_field(value[name])
            elif required:
                raise KeyError(name)
        return kind(**given)

    return read
