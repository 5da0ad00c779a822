"""What of a newsroom's settings makes sense."""

import re
from pathlib import Path

from membership.settings.newsroom import DARK, LIGHT

STYLES = Path(__file__).parents[2] / "static" / "hromada.css"


def test_accents_are_held_against_the_papers_there_are():
    papers = re.findall(r"--(?:paper|wash|on-accent): (#\w{6});", STYLES.read_text())
    assert papers == [*LIGHT, *DARK, DARK[0]]
