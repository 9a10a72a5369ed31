"""The command line: one line for each certificate."""

import sys
from pathlib import Path

from margincheck import Refused, check


def verdict(path: str) -> tuple[bool, str]:
    """Whether the file is a certificate that proves its claim, and the line that says so."""
    try:
        return True, f"{path}: VERIFIED {check(Path(path).read_bytes())}"
    except Refused as reason:
        return False, f"{path}: REFUSED {reason}"
    except OSError as error:
        return False, f"{path}: REFUSED the file cannot be read: {error.strerror}"


def main(paths: list[str]) -> int:
    if not paths:
        print("usage: python -m margincheck certificate.json [...]", file=sys.stderr)
        return 2
    verdicts = [verdict(path) for path in paths]
    for _, line in verdicts:
        print(line)
    return 0 if all(good for good, _ in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
