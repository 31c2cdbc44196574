"""What holds in all Final Cut Pro 7 XML that is written: definitions are whole, and links meet."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from fcp7_deliveries import texts

TIMES = ("start", "end", "in", "out", "duration", "frame", "when", "trackindex", "clipindex")


def check_definitions(root: ET.Element) -> None:
    """One definition for each id of a file, sequence and clip, before all references to it."""
    for tag in ("file", "sequence", "clipitem", "generatoritem"):
        seen: set[str] = set()
        for element in root.iter(tag):
            identifier = element.get("id", "")
            assert bool(len(element)) == (identifier not in seen), (tag, identifier)
            seen.add(identifier)
    for file in root.iter("file"):
        if len(file):
            assert file.find("duration") is not None and file.find("rate") is not None


def check_links(sequence: ET.Element) -> None:
    """Links name a clip where it is, and all of a group name the same."""
    places: dict[str, tuple[str, int, int]] = {}
    links: dict[str, list[str]] = {}
    for mediatype in ("video", "audio"):
        for number, lane in enumerate(sequence.findall(f"media/{mediatype}/track"), start=1):
            clips = [one for one in lane if one.tag in ("clipitem", "generatoritem")]
            for index, item in enumerate(clips, start=1):
                places[item.get("id", "")] = (mediatype, number, index)
                links[item.get("id", "")] = [
                    link.findtext("linkclipref", "") for link in item.findall("link")
                ]
                for link in item.findall("link"):
                    said = texts(link, "mediatype", "trackindex", "clipindex")
                    links.setdefault("said", []).append(
                        f"{link.findtext('linkclipref')} {said[0]} {said[1]} {said[2]}"
                    )
    for said in links.pop("said", []):
        identifier, *place = said.split()
        mediatype, number, index = places[identifier]
        assert place == [mediatype, str(number), str(index)]
    for identifier, group in links.items():
        assert not group or (identifier in group and len(group) > 1)
        assert all(links[other] == group for other in group)
