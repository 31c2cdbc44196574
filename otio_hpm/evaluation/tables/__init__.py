"""Tables of systems, anybody's and our own, on one set of reference clips."""
