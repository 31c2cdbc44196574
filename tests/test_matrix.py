"""The README's feature matrix: every cell is what a file that is written and read again shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from otio_hpm.interchange.formats import suffixes
from otio_hpm.settings import Settings
from otio_hpm.timeline.cut import Cut
from otio_hpm.timeline.outputs import check_outputs, write
from otio_hpm.timeline.reading import read_cut

README = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
COLUMNS = (
    "read", "write", "markers", "colours", "start timecode", "retimes", "audio tracks", "fades",
    "links",
)  # fmt: skip
YES, PART, NO = "✓", "part", ""

schema = otio.schema
RATE = Fraction(30000, 1001)
START = 107_892
"""01:00:00;00, drop-frame."""
COLOURS = sorted(word for word in dir(schema.MarkerColor) if word.isupper())
SPEEDS = (2.0, 0.5, -1.0, 0.0)

Found = set[tuple[Any, ...]]


def table() -> dict[tuple[str, str], str]:
    """The matrix: cells by format and column."""
    rows = README.partition("| format |")[2].partition("\n\n")[0].splitlines()
    head = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert tuple(head) == COLUMNS
    cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows[2:]]
    return {
        (suffix, column): cell
        for row in cells
        for suffix in re.findall(r"`(\.\w+)`", row[0])
        for column, cell in zip(COLUMNS, row[1:], strict=True)
    }


CELLS = table()


def time(frames: float) -> Any:
    return otio.opentime.RationalTime(frames, float(RATE))


def span(start: float, length: float) -> Any:
    return otio.opentime.TimeRange(time(start), time(length))


def clip(name: str, folder: Path, start: int = 100, length: int = 100) -> Any:
    media = schema.ExternalReference((folder / f"{name}.mov").as_uri(), span(0, 2000))
    return schema.Clip(name, media, span(start, length))


def marker(name: str, start: float, length: float = 0, **more: Any) -> Any:
    return schema.Marker(name, span(start, length), **more)


def timeline(*tracks: Any) -> Any:
    made = schema.Timeline("Film", global_start_time=time(START))
    made.tracks.extend(tracks)
    return made


def picture(*items: Any) -> Any:
    return schema.Track("Picture", kind="Video", children=list(items))


def sound(name: str, *items: Any) -> Any:
    return schema.Track(name, kind="Audio", children=list(items))


@dataclass(frozen=True)
class Placed:
    """An item where it stands in record time."""

    track: Any
    item: Any
    frame: int

    @property
    def first(self) -> Fraction:
        """The source frame that it begins with."""
        return in_frames(self.item.trimmed_range().start_time)


def placed(made: Any) -> Iterator[Placed]:
    for track in made.tracks:
        position = Fraction(0)
        for item in track:
            yield Placed(track, item, round(position))
            if not isinstance(item, schema.Transition):
                position += in_frames(item.duration())


def clips(made: Any) -> Iterator[Placed]:
    return (one for one in placed(made) if isinstance(one.item, schema.Clip))


def in_frames(moment: Any) -> Fraction:
    return Fraction(moment.value) / Fraction(moment.rate).limit_denominator(1001) * RATE


def marked(made: Any) -> Iterator[tuple[int, int, Any]]:
    """Record frame and length of every marker."""
    for one in made.tracks.markers:
        start = round(in_frames(one.marked_range.start_time))
        yield start % START, round(in_frames(one.marked_range.duration)), one
    for at in placed(made):
        for one in getattr(at.item, "markers", ()):
            start = in_frames(one.marked_range.start_time) - at.first
            yield at.frame + round(start), round(in_frames(one.marked_range.duration)), one


def with_markers(folder: Path) -> Any:
    """On a clip and on the timeline, with a length and without, with a comment and without."""
    shot = clip("shot", folder)
    shot.markers.extend([marker("point", 110), marker("range", 120, 12, comment="a note")])
    made = timeline(picture(shot, clip("next", folder)))
    made.tracks.markers.append(marker("of the timeline", 150, 5))
    return made


def markers_of(made: Any) -> Found:
    return {(one.name, start, length, one.comment) for start, length, one in marked(made)}


def with_colours(folder: Path) -> Any:
    shot = clip("shot", folder)
    shot.markers.extend(
        marker(word.lower(), 105 + 5 * number, color=word) for number, word in enumerate(COLOURS)
    )
    return timeline(picture(shot))


def colours_of(made: Any) -> Found:
    """Colours by marker; none where all are of one, which tells nothing."""
    found = {(one.name, one.color) for _, _, one in marked(made)}
    return found if len({color for _, color in found}) > 1 else set()


def with_start(folder: Path) -> Any:
    return timeline(picture(clip("shot", folder)))


def start_of(made: Any) -> Found:
    return {(round(in_frames(made.global_start_time)),)} if made.global_start_time else set()


def with_retimes(folder: Path) -> Any:
    shots = [clip(f"speed{number}", folder, 600) for number in range(len(SPEEDS))]
    for shot, speed in zip(shots, SPEEDS, strict=True):
        warp = schema.LinearTimeWarp(time_scalar=speed) if speed else schema.FreezeFrame()
        shot.effects.append(warp)
    return timeline(picture(*shots))


def retimes_of(made: Any) -> Found:
    return {
        (at.item.name, at.frame, round(in_frames(at.item.duration())), round(at.first), speed)
        for at in clips(made)
        for speed in [
            warp.time_scalar for warp in at.item.effects if isinstance(warp, schema.LinearTimeWarp)
        ]
    }


def with_audio(folder: Path) -> Any:
    """More tracks than an old list has channels, with gaps between their clips."""
    names = ("Dialogue", "Effects", "Room", "Foley", "Music")
    tracks = [
        sound(
            name,
            clip(f"{name} a", folder, 10 + number),
            schema.Gap(source_range=span(0, 20 + number)),
            clip(f"{name} b", folder, 300, 50),
        )
        for number, name in enumerate(names)
    ]
    return timeline(picture(clip("shot", folder, length=180)), *tracks)


def audio_of(made: Any) -> Found:
    """Names of the tracks, and what stands on the first, second, and so on."""
    tracks = [track for track in made.tracks if track.kind == "Audio"]
    names = {(number, track.name) for number, track in enumerate(tracks)}
    return names | {
        (tracks.index(at.track), at.item.name, at.frame, in_frames(at.item.duration()), at.first)
        for at in clips(made)
        if at.track.kind == "Audio"
    }


def with_fades(folder: Path) -> Any:
    """A dissolve of picture, and sound that fades in, over and out."""
    mixed = sound(
        "Music",
        fade(0, 12),
        clip("a", folder),
        fade(8, 8),
        clip("b", folder),
        fade(20, 0),
        schema.Gap(source_range=span(0, 50)),
    )
    return timeline(picture(clip("shot", folder), fade(6, 6), clip("next", folder)), mixed)


def fade(before: int, after: int) -> Any:
    dissolve = schema.TransitionTypes.SMPTE_Dissolve
    return schema.Transition(
        transition_type=dissolve, in_offset=time(before), out_offset=time(after)
    )


def fades_of(made: Any) -> Found:
    """Edit point and reach of every transition."""
    return {
        (at.track.kind, at.frame, in_frames(at.item.in_offset), in_frames(at.item.out_offset))
        for at in placed(made)
        if isinstance(at.item, schema.Transition)
    }


def with_links(folder: Path) -> Any:
    """Two shots with their sound, and sound that belongs to neither."""
    shots = [clip(name, folder) for name in ("one", "two")]
    sounds = [clip(name, folder) for name in ("one", "two")]
    for number, pair in enumerate(zip(shots, sounds, strict=True), start=3):
        for part in pair:
            part.metadata["Resolve_OTIO"] = {"Link Group ID": number}
    return timeline(
        picture(*shots), sound("Dialogue", *sounds), sound("Music", clip("music", folder))
    )


def links_of(made: Any) -> Found:
    """Kind and name of the clips that belong together, as what was read says."""
    groups: dict[Any, set[tuple[str, str]]] = {}
    for at in clips(made):
        for group in said_groups(at.item):
            groups.setdefault(group, set()).add((at.track.kind, at.item.name))
    return {tuple(sorted(group)) for group in groups.values() if len(group) > 1}


def said_groups(item: Any) -> list[Any]:
    """What an item says of its company: Resolve's group, Final Cut Pro's element, links of XML."""
    group = item.metadata.get("Resolve_OTIO", {}).get("Link Group ID")
    element = item.metadata.get("fcpxml", {}).get("link")
    links = item.metadata.get("fcp_xml", {}).get("link", [])
    links = [links] if hasattr(links, "get") else links
    refs = tuple(sorted(str(link.get("linkclipref")) for link in links))
    return [one for one in (group, element, refs) if one]


FEATURES: dict[str, tuple[Callable[[Path], Any], Callable[[Any], Found]]] = {
    "markers": (with_markers, markers_of),
    "colours": (with_colours, colours_of),
    "start timecode": (with_start, start_of),
    "retimes": (with_retimes, retimes_of),
    "audio tracks": (with_audio, audio_of),
    "fades": (with_fades, fades_of),
    "links": (with_links, links_of),
}


def there_and_back(made: Any, suffix: str, folder: Path) -> tuple[Cut, str]:
    """A timeline written in a format and read again, and what the writer said is lost."""
    media = [one.item.media_reference.target_url for one in clips(made)]
    for url in media:
        Path(otio.url_utils.filepath_from_url(url)).write_bytes(b"")
    source = folder / "in.otio"
    otio.adapters.write_to_file(made, str(source))
    settings = Settings().with_changes({"spotting": {"rate": RATE, "tc": "df"}})
    cut = read_cut(source, settings)
    path = folder / f"cut{suffix}"
    written = write(cut.timeline, cut, path, settings.delivery, overwrite=False)
    return read_cut(path, settings), " / ".join(written.losses)


def test_every_format_has_its_row() -> None:
    assert {suffix for suffix, _ in CELLS} == set(suffixes())
    assert set(CELLS.values()) == {YES, PART, NO}


@pytest.mark.parametrize("suffix", suffixes())
def test_what_is_written_is_ticked(suffix: str, tmp_path: Path) -> None:
    assert CELLS[suffix, "read"] == YES
    assert CELLS[suffix, "write"] == YES
    check_outputs(tmp_path / "in.otio", [tmp_path / f"cut{suffix}"], overwrite=False)


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("suffix", suffixes())
def test_a_cell_is_what_comes_back(suffix: str, feature: str, tmp_path: Path) -> None:
    build, facts = FEATURES[feature]
    made = build(tmp_path)
    wanted = facts(made)
    assert wanted
    cut, losses = there_and_back(made, suffix, tmp_path)
    kept = wanted & facts(cut.timeline)
    cell = CELLS[suffix, feature]
    shown = f"{cell!r}: lost {wanted - kept}, found {facts(cut.timeline)}, said {losses}"
    if cell == YES:
        assert kept == wanted, shown
    elif cell == PART:
        assert kept != wanted and told(feature, losses), shown
    else:
        assert not kept and told(feature, losses), shown


def told(feature: str, losses: str) -> bool:
    """Whether what is lost of a feature is named."""
    words = {
        "markers": "[Mm]arker",
        "colours": "colour",
        "start timecode": "timecode",
        "retimes": "speed|retime",
        "audio tracks": "sound|track",
        "fades": "fade|transition",
        "links": "links between picture and sound",
    }
    return re.search(words[feature], losses) is not None


OWN = """<fcpxml version="1.11"><resources>
<format id="r1" frameDuration="1001/30000s" width="1920" height="1080"/>
<asset id="r2" name="one" start="0s" duration="100100/30000s" hasVideo="1" format="r1" hasAudio="1"
 audioSources="1" audioChannels="2"><media-rep kind="original-media" src="file:///m/one.mov"/>
</asset></resources><library><event><project name="Film">
<sequence format="r1" duration="50050/30000s"><spine>
<asset-clip ref="r2" name="one" offset="0s" duration="50050/30000s" audioRole="dialogue"/>
</spine></sequence></project></event></library></fcpxml>
"""


def test_links_of_an_fcpxml_come_back_to_it(tmp_path: Path) -> None:
    path, again = tmp_path / "own.fcpxml", tmp_path / "again.fcpxml"
    path.write_text(OWN, "utf-8")
    cut = read_cut(path, Settings())
    pair = {(("Audio", "one"), ("Video", "one"))}
    assert links_of(cut.timeline) == pair
    write(cut.timeline, cut, again, Settings().delivery, overwrite=False)
    assert links_of(read_cut(again, Settings()).timeline) == pair
    assert again.read_text("utf-8").count("<asset-clip") == 1
