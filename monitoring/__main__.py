"""``python -m monitoring [--minute SECONDS] [--output FOLDER]``: writes rules, inhibitions and dashboards."""

from __future__ import annotations

import argparse
from pathlib import Path

from monitoring.dashboards import DASHBOARDS, dashboard
from monitoring.examples import tests
from monitoring.rules import alertmanager, rules

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"


def files(minute: float) -> dict[str, bytes]:
    """The generated files below the deploy folder, by their paths."""
    return {
        "prometheus/alerts.yaml": rules(minute).encode(),
        "prometheus/alerts_test.yaml": tests().encode(),
        "prometheus/alertmanager.yaml": alertmanager().encode(),
        **{f"grafana/{board.uid}.json": dashboard(board) for board in DASHBOARDS},
    }


def main() -> None:
    """Writes the files, or says that they are as they should be."""
    parser = argparse.ArgumentParser(prog="python -m monitoring", description=__doc__)
    parser.add_argument("--minute", type=float, default=60.0, help="seconds of a minute in the rules (a drill: 1)")
    parser.add_argument("--output", type=Path, default=DEPLOY, help="folder in place of deploy/")
    given = parser.parse_args()
    if not 0.1 <= given.minute <= 60:
        parser.error("--minute is from 0.1 to 60 seconds")
    for name, content in files(given.minute).items():
        path = given.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
