"""Alert rules, their tests, and dashboards, written from the catalogue of metrics: ``python -m monitoring``."""
