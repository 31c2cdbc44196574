"""What a model can be shown to do: its measures run over composed cues and real footage."""
