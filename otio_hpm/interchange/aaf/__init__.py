"""AAF, the Advanced Authoring Format of Avid Media Composer, Pro Tools, Premiere and Resolve."""
