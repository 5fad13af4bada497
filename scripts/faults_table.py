"""Write the handbook's tables of faults from a run of the fault suite: run it when messages to readers have changed.

Run with the project's own Python, since it runs the tests. What they import is imported by pytest first, which then can
say more when they fail.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from backend.tests.faults.witness import Row

ROOT = Path(__file__).resolve().parent.parent
SUITE = ROOT / "backend/tests/faults"


class Recorder:
    """Collects the rows that tests noted, each once, in the order of the tests."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Say that the tables are being written, so that rows are kept."""
        from backend.tests.faults.witness import RECORDING

        config.stash[RECORDING] = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the row of a test that has ended."""
        from backend.tests.faults.witness import Row

        for _, value in report.user_properties:
            if isinstance(value, Row):
                self.rows[str(value)] = value


def main() -> int:
    """Run the suite and write the tables; return 1, and write nothing, if a test fails."""
    recorder = Recorder()
    if pytest.main(["-q", "-p", "no:playwright", str(SUITE)], plugins=[recorder]) != pytest.ExitCode.OK:
        return 1
    from backend.tests.faults.witness import HANDBOOK, tables

    HANDBOOK.write_text(tables(list(recorder.rows.values())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
