"""The picture, from media to film features."""
