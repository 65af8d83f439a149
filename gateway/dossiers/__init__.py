"""Dossiers as the portals of the State know them: values and rules that their connectors share, without any I/O."""
