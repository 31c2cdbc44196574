"""The public-domain scores that training uses, and what each says of its rights.

All come from the corpus inside music21 (music21.org). Its licence file says that its encodings are
distributed with their encoders' permission and that some may not be used commercially, so a work
stands here only if its composer is in the public domain and its file, or the collection it belongs
to, states no restriction. docs/corpus-scores.md lists the notes word for word and what was left
out for them.
"""

from __future__ import annotations

from dataclasses import dataclass

NO_NOTE = "The file states no restriction and names no encoder."


@dataclass(frozen=True, kw_only=True)
class Work:
    """One work of a composer: a score file, or a folder with one file a movement."""

    path: str
    """File or folder inside music21's corpus, or a pattern of files."""
    composer: str
    """The maestro class."""
    title: str
    """Title, which movements add their number to."""
    rights: str = NO_NOTE
    """What the file says of its rights."""


COMPOSERS = {
    "Monteverdi": "Claudio Monteverdi (1567-1643)",
    "Haydn": "Joseph Haydn (1732-1809)",
    "Mozart": "Wolfgang Amadeus Mozart (1756-1791)",
    "Beethoven": "Ludwig van Beethoven (1770-1827)",
    "Schumann": "Robert Schumann (1810-1856)",
    "Weber": "Carl Maria von Weber (1786-1826)",
}
"""The maestro classes: name and dates."""

WORKS = (
    Work(
        path="monteverdi/madrigal.3.*[0-9].mxl",
        composer="Monteverdi",
        title="Il terzo libro de madrigali (1592)",
    ),
    Work(
        path="monteverdi/madrigal.4.*[0-9].mxl",
        composer="Monteverdi",
        title="Il quarto libro de madrigali (1603)",
    ),
    Work(path="haydn/opus1no1", composer="Haydn", title="String Quartet in B-flat, op. 1 no. 1"),
    Work(path="haydn/opus74no1", composer="Haydn", title="String Quartet in C, op. 74 no. 1"),
    Work(path="mozart/k80", composer="Mozart", title="String Quartet in G, K. 80"),
    Work(path="mozart/k155", composer="Mozart", title="String Quartet in D, K. 155"),
    Work(path="mozart/k156", composer="Mozart", title="String Quartet in G, K. 156"),
    Work(path="mozart/k458", composer="Mozart", title="String Quartet in B-flat, K. 458"),
    Work(path="mozart/k545", composer="Mozart", title="Piano Sonata in C, K. 545"),
    Work(
        path="beethoven/opus18no1",
        composer="Beethoven",
        title="String Quartet in F, op. 18 no. 1",
    ),
    Work(
        path="beethoven/opus18no3.mxl",
        composer="Beethoven",
        title="String Quartet in D, op. 18 no. 3",
    ),
    Work(
        path="beethoven/opus18no4.mxl",
        composer="Beethoven",
        title="String Quartet in C minor, op. 18 no. 4",
    ),
    Work(
        path="beethoven/opus18no5.mxl",
        composer="Beethoven",
        title="String Quartet in A, op. 18 no. 5",
    ),
    Work(
        path="beethoven/opus59no1",
        composer="Beethoven",
        title="String Quartet in F, op. 59 no. 1",
    ),
    Work(
        path="beethoven/opus59no2",
        composer="Beethoven",
        title="String Quartet in E minor, op. 59 no. 2",
    ),
    Work(
        path="beethoven/opus59no3",
        composer="Beethoven",
        title="String Quartet in C, op. 59 no. 3",
    ),
    Work(
        path="beethoven/opus74.mxl",
        composer="Beethoven",
        title="String Quartet in E-flat, op. 74",
    ),
    Work(
        path="beethoven/opus132.mxl",
        composer="Beethoven",
        title="String Quartet in A minor, op. 132",
    ),
    Work(
        path="beethoven/opus133.mxl",
        composer="Beethoven",
        title="Große Fuge in B-flat, op. 133",
    ),
    Work(
        path="schumann_robert/opus41no1",
        composer="Schumann",
        title="String Quartet in A minor, op. 41 no. 1",
    ),
    Work(
        path="schumann_robert/opus48no2.mxl",
        composer="Schumann",
        title="Aus meinen Tränen sprießen, Dichterliebe op. 48 no. 2",
    ),
    Work(
        path="weber/concertino_clarinet.mxl",
        composer="Weber",
        title="Concertino for Clarinet, op. 26, with piano",
        rights="Released to Public Domain in 1998 (Oliver Seely)",
    ),
)
"""Every score used."""
