"""OpenTimelineIO media linker `hpm_linker`: finds the media of clips in folders that are named."""

from __future__ import annotations

from typing import Any

from otio_hpm.timeline.adapting import otio_errors
from otio_hpm.timeline.linking import Linker

_linker = Linker()


def link_media_reference(in_clip: Any, media_linker_argument_map: dict[str, Any]) -> Any:
    """A reference that leads to the clip's media, by the rules of otio-hpm; None to leave its own.

    Arguments: `media_dir`, folders to search; `path_map`, OLD=NEW; several with `;` between or as
    a list. `base_dir`: where relative paths start. Raises OTIOError where several files are
    equally likely; what cannot be linked for another reason is logged.
    """
    with otio_errors():
        return _linker.reference(in_clip, media_linker_argument_map)
