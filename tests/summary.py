"""Run the unit tests, then nbval over the chapters, and print a one-page summary.

    python tests/summary.py book/02_weak_regularization.ipynb …

Exit status 0 means that every test passed.
"""

import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from tempfile import TemporaryDirectory

# Two files at a time: most of a test is one thread's work. A chapter stays with one kernel.
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]


def run(arguments: list[str]) -> tuple[int, list[ElementTree.Element]]:
    """The exit status of one pytest run and its test cases."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        status = subprocess.call([*PYTEST, *arguments, f"--junitxml={report}"])
        cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    return status, cases


def room(case: ElementTree.Element) -> str:
    """What a test case is about: its test file or its chapter."""
    name = case.get("classname") or ""
    return case.get("file") or name.replace("tests.", "").split("::")[0]


def outcome(case: ElementTree.Element) -> str:
    """passed, failed or skipped."""
    tags = {child.tag for child in case}
    return "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"


def main(chapters: list[str]) -> int:
    start = time.monotonic()
    unit_status, cases = run(["tests", "lib/refutable/tests"])
    nbval_status = 0
    if chapters:
        nbval_status, cells = run(
            ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", *chapters]
        )
        cases += cells
    rows: dict[str, dict[str, int]] = {}
    for case in cases:
        row = rows.setdefault(room(case), {"passed": 0, "failed": 0, "skipped": 0})
        row[outcome(case)] += 1
    print(f"\n{'':44}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for name, row in rows.items():
        print(f"{name:44}{row['passed']:8}{row['failed']:8}{row['skipped']:8}")
    failed = unit_status or nbval_status
    verdict = "FAILED" if failed else "All tests passed"
    print(f"\n{verdict} in {time.monotonic() - start:.0f} s.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
