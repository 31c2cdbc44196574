"""Schema versions of older releases of OpenTimelineIO, for hosts that are built on one."""

from __future__ import annotations

from otio_hpm.errors import SettingsError

_FAMILY = "OTIO_CORE"


def versions_of_release(release: str) -> dict[str, int]:
    """The schema versions that a release, as `0.14.0`, writes, by schema name.

    Raises SettingsError for a release that OpenTimelineIO does not know. OpenTimelineIO's own
    `versioning.fetch_map`; hosts do not say which release they have: Resolve 18.5 is reported to
    read `Clip.1` alone, which is 0.14.0.
    """
    from opentimelineio import versioning

    try:
        return {str(name): int(v) for name, v in versioning.fetch_map(_FAMILY, release).items()}
    except KeyError as error:
        maps = versioning.full_map()  # what is in it lives as long as this
        known = sorted(map(str, maps[_FAMILY]), key=_sort_key)
        raise SettingsError(
            f"{release!r} is no release of OpenTimelineIO whose schemas are known",
            hint=f"there are: {', '.join(known)}",
        ) from error


def _sort_key(release: str) -> list[int]:
    return [int(part) for part in release.split(".") if part.isdecimal()]
