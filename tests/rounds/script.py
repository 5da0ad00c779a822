"""The count as a member runs it: a file of its own, with the standard library alone."""

import subprocess
import sys
from pathlib import Path

from membership.rounds import equal_shares

SCRIPT = Path(equal_shares.__file__)


def run(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
