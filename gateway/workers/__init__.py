"""Several processes of one gateway on one machine: ``lgsp serve --workers N``."""
