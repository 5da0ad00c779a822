"""What a WordPress of the tests' own is made of: Debian's packages, by what they bring."""

import shutil
import subprocess
import sys
from pathlib import Path

WORDPRESS = Path("/usr/share/wordpress")
THEMES = ("twentytwentythree", "twentytwentyone")


def missing() -> list[str]:
    """The packages that this machine lacks."""
    brought = {
        "wordpress": WORDPRESS / "wp-load.php",
        **{f"wordpress-theme-{name}": WORDPRESS / "wp-content/themes" / name for name in THEMES},
    }
    packages = [name for name, path in brought.items() if not path.exists()]
    packages += [] if shutil.which("mariadbd") else ["mariadb-server"]
    if shutil.which("php") is None:
        return [*packages, "php-cli", "php-mysql"]
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout
    return packages if "mysqli" in modules.split() else [*packages, "php-mysql"]


if __name__ == "__main__" and (lacking := missing()):
    sys.exit(f"Debian's packages that are missing here: {' '.join(lacking)}")
