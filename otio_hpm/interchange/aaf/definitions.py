"""Operations and parameters that are written, registered in a file's dictionary when first used.

Identifiers are those of the AAF Object Specification's effects (Mono Audio Gain, Pan, Dissolve,
Video Dissolve) and, for changes of speed, those that Avid Media Composer writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of an operation."""

    auid: str
    name: str
    type_name: str = "Rational"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """An operation on one or two inputs."""

    auid: str
    name: str
    kind: str
    """`picture` or `sound`."""
    inputs: int
    time_warp: bool = False


LEVEL = Parameter(auid="e4962320-2267-11d3-8a4c-0050040ef7d2", name="Level")
AMPLITUDE = Parameter(auid="e4962321-2267-11d3-8a4c-0050040ef7d2", name="Amplitude")
PAN = Parameter(auid="e4962322-2267-11d3-8a4c-0050040ef7d2", name="Pan")
SPEED_RATIO = Parameter(auid="72559a80-24d7-11d3-8a50-0050040ef7d2", name="SpeedRatio")
SPEED_OFFSET_MAP = Parameter(
    auid="8d56827d-847e-11d5-935a-50f857c10000", name="PARAM_SPEED_OFFSET_MAP_U"
)
SPEED_MAP = Parameter(auid="8d56827c-847e-11d5-935a-50f857c10000", name="PARAM_SPEED_MAP_U")
MOTION_SETTINGS = {
    Parameter(
        auid="f7ffed29-fc8e-43ed-943a-4b57b5c157ee", name="AvidMotionPulldown", type_name="aafInt32"
    ): 0,
    Parameter(
        auid="8dde1839-6862-4874-a1e9-4fbd1164f22a",
        name="AvidMotionOutputFormat",
        type_name="aafInt32",
    ): 2,
    Parameter(
        auid="1c5a02d5-e503-4ca6-8617-d7914bb8ac03",
        name="AvidMotionInputFormat",
        type_name="aafInt32",
    ): 2,
    Parameter(
        auid="5b22ff71-c51b-11d3-a069-006094eb75cb", name="AvidPhase", type_name="aafInt32"
    ): 0,
}
"""As Avid writes them for a plain change of speed of progressive picture."""

VIDEO_DISSOLVE = Operation(
    auid="0c3bea40-fc05-11d2-8a29-0050040ef7d2", name="Video Dissolve", kind="picture", inputs=2
)
AUDIO_DISSOLVE = Operation(
    auid="0c3bea41-fc05-11d2-8a29-0050040ef7d2", name="Mono Audio Dissolve", kind="sound", inputs=2
)
AUDIO_PAN = Operation(
    auid="9d2ea893-0968-11d3-8a38-0050040ef7d2", name="Audio Pan", kind="sound", inputs=1
)
AUDIO_GAIN = Operation(
    auid="9d2ea894-0968-11d3-8a38-0050040ef7d2", name="Mono Audio Gain", kind="sound", inputs=1
)
MOTION_CONTROL = Operation(
    auid="9d2ea890-0968-11d3-8a38-0050040ef7d2",
    name="Motion Control",
    kind="picture",
    inputs=1,
    time_warp=True,
)

_LINEAR = "5b6c85a4-0ede-11d3-80a9-006008143e6f"


class Definitions:
    """The dictionary of one file."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._known: dict[str, Any] = {}

    def group(self, operation: Operation, length: int, *inputs: Any) -> Any:
        """An operation group of `length` edit units over its inputs."""
        defined = self._operation(operation)  # first: the factory makes one object at a time
        group = self._file.create.OperationGroup(defined, length)
        group.media_kind = operation.kind
        group["Parameters"].value = []
        group.segments.value = list(inputs)
        return group

    def set_constant(self, group: Any, parameter: Parameter, value: Any) -> None:
        """Give an operation group a parameter of one value."""
        constant = self._file.create.ConstantValue()
        constant.parameterdef = self._parameter(parameter, group)
        constant.value = value
        group.parameters.append(constant)

    def set_line(
        self, group: Any, parameter: Parameter, points: Iterable[tuple[Fraction, Fraction]]
    ) -> None:
        """Give an operation group a parameter that moves in straight lines between points."""
        line = self._file.create.VaryingValue()
        line.parameterdef = self._parameter(parameter, group)
        line["Interpolation"].value = self._interpolation()
        line["PointList"].value = []
        for time, value in points:
            point = self._file.create.ControlPoint()
            point["Time"].value = time
            point["EditHint"].value = "Proportional"
            point["Value"].add_pid_entry()
            point["Value"].data = point["Value"].typedef.encode(value, line.typedef)
            point["Value"].mark_modified()
            line["PointList"].append(point)
        group.parameters.append(line)

    def _operation(self, operation: Operation) -> Any:
        if operation.auid not in self._known:
            made = self._file.create.OperationDef(UUID(operation.auid), operation.name, "")
            made.media_kind = operation.kind
            made["IsTimeWarp"].value = operation.time_warp
            made["NumberInputs"].value = operation.inputs
            made["Bypass"].value = 0
            made["OperationCategory"].value = "OperationCategory_Effect"
            made["ParametersDefined"].value = []
            self._file.dictionary.register_def(made)
            self._known[operation.auid] = made
        return self._known[operation.auid]

    def _parameter(self, parameter: Parameter, group: Any) -> Any:
        if parameter.auid not in self._known:
            kind = self._file.dictionary.lookup_typedef(parameter.type_name)
            made = self._file.create.ParameterDef(UUID(parameter.auid), parameter.name, "", kind)
            self._file.dictionary.register_def(made)
            self._known[parameter.auid] = made
        found = self._known[parameter.auid]
        defined = group.operation["ParametersDefined"]
        if found.unique_key not in defined:
            defined.append(found)
        return found

    def _interpolation(self) -> Any:
        if _LINEAR not in self._known:
            made = self._file.create.InterpolationDef(UUID(_LINEAR), "LinearInterp", "LinearInterp")
            self._file.dictionary.register_def(made)
            self._known[_LINEAR] = made
        return self._known[_LINEAR]
