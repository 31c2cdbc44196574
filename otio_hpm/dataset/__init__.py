"""Films as training reads them: pairs of picture and score, 10 s each, in shards.

A dataset is a folder (paper section 2 and appendix B):

- `clips.jsonl`, one line per clip that was looked at, in order: what was kept and where its bytes
  are, or why it was dropped. It is the index, and the journal by which a build that was killed
  goes on.
- `train-00000.tar`, `validation-00000.tar` ...: shards of one split each, plain USTAR archives as
  WebDataset reads them. A clip is three members that follow each other: `KEY.json` (facts),
  `KEY.flac` (16 bit, 48 kHz, mono), `KEY.mp4` (H.264, 30 frames a second, the shorter side 240
  pixels). That is what the published encoders look at: CLIP and the embedded model see every third
  frame, as 10 a second, CTEN all of them.
- `build.json`, what it was asked to be made of, and `dataset.json`, counts and the checksum of
  everything, written last: a folder without it is not finished.
- `report.html`.

The same films and options give the same bytes on the same versions of FFmpeg and libsndfile.

Intervals and windows: the paper cuts segments into intervals of 10 s; models hear windows of
10.24 s. Clip `i` of a segment is the interval [10 i, 10 i + 10) s after the segment's in, exact on
both clocks: 480 000 samples and 300 frames. It also keeps the 0.24 s that follow (11 520 samples,
eight frames), as far as the segment lasts: those, and only those, are in the next clip again.
"""
