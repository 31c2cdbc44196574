"""Effects of an AAF as OTIO effects, with their parameters as plain values in the metadata."""

from __future__ import annotations

from typing import Any

from opentimelineio import schema

from otio_hpm.interchange.aaf.mobs import class_name, exact, operation_of
from otio_hpm.interchange.aaf.retimes import Retime

_MAX_POINTS = 10_000


def effect_of(group: Any, retime: Retime | None = None) -> Any:
    """The effect that an operation group is."""
    operation = operation_of(group)
    name = str(operation.name or "")
    facts = {
        "ClassName": "OperationGroup",
        "Operation": {"Name": name, "Identification": str(operation.auid)},
        "Parameters": parameters_of(group),
    }
    if retime is not None:
        return retime.effect(name, facts)
    return schema.Effect(name=name, effect_name=name, metadata={"AAF": facts})


def parameters_of(group: Any) -> dict[str, Any]:
    """Values by the parameters' names; of one that changes, a list of times and values."""
    found = group.getvalue("Parameters") or ()
    return {str(one.name): _value(one) for one in found if one.name}


def _value(parameter: Any) -> Any:
    if class_name(parameter) == "VaryingValue":
        points = parameter["PointList"].value[:_MAX_POINTS]
        return [[_plain(point["Time"].value), _plain(point["Value"].value)] for point in points]
    return _plain(parameter.value)


def _plain(value: Any) -> Any:
    """A whole number, a truth, or text; bytes of no known meaning are told by their length."""
    if isinstance(value, bool | int | str):
        return value if not isinstance(value, int) or abs(value) < 1 << 62 else str(value)
    if hasattr(value, "numerator"):
        return str(exact(value))
    if isinstance(value, list | bytes | bytearray):
        return f"{len(value)} bytes"
    return str(value)
