"""A real WordPress of one test run: its own database and web server, on loopback alone."""

import getpass
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.wordpress.packages import THEMES, WORDPRESS
from tests.ports import HOST, free_port
from tests.waiting import until

PLUGIN = Path(__file__).parents[3] / "deploy/wordpress/hromada.php"
USER, PASSWORD = "editor", "a pass phrase of the tests"
CONFIGURATION = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', '{url}');
define('WP_SITEURL', '{url}');
define('WP_DEBUG', true);
define('WP_DEBUG_DISPLAY', false);
define('WP_DEBUG_LOG', '{log}');
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
require ABSPATH . 'wp-settings.php';
"""
# What a newsroom's own server does without being told: it may ask the desk, which is here on
# loopback, and nobody else; whom it wished to ask is written down.
THIS_MACHINE = """<?php
add_filter('pre_http_request', function ($answer, $asked, $address) {{
    $here = strpos($address, 'http://{host}:') === 0;
    file_put_contents('{asked}', "$address\\n", FILE_APPEND);
    return $here ? $answer : new WP_Error('outside', 'Nobody else is asked.');
}}, 10, 3);
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports', function ($ports, $host, $url) {{
    return array_merge($ports, [wp_parse_url($url, PHP_URL_PORT)]);
}}, 10, 3);
add_filter('pre_wp_mail', '__return_true');
"""
# Debian's files stand where the package put them; the constant says where the site is.
BEFORE = "<?php define('ABSPATH', '{root}/');"
INSTALL = """
define('WP_INSTALLING', true);
require ABSPATH . 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('The Town Courier', '{user}', 'editor@news.example', true, '', '{password}');
update_option('permalink_structure', '/%postname%/');
update_option('show_avatars', 0);
flush_rewrite_rules();
"""


@dataclass
class WordPress:
    url: str
    root: Path

    @property
    def before(self) -> Path:
        return self.root.parent / "before.php"

    @property
    def log(self) -> Path:
        return self.root.parent / "warnings.log"

    @property
    def asked(self) -> Path:
        return self.root.parent / "asked"

    def php(self, program: str) -> str:
        """Run a program inside this WordPress; what it printed."""
        return self._run(f"require ABSPATH . 'wp-load.php'; {program}")

    def install(self) -> None:
        self._run(INSTALL.format(user=USER, password=PASSWORD))

    def post(self, title: str, content: str, *categories: str) -> str:
        """Publish a post; its address."""
        return self.php(
            "require ABSPATH . 'wp-admin/includes/taxonomy.php';"
            f"$in = array_map('wp_create_category', {php_list(categories)});"
            "$id = wp_insert_post(['post_status' => 'publish', 'post_author' => 1,"
            f" 'post_category' => $in, 'post_title' => {php_text(title)},"
            f" 'post_content' => {php_text(content)}], true); echo get_permalink($id);"
        )

    def dress(self, theme: str) -> None:
        self.php(f"switch_theme('{theme}');")

    def warnings(self) -> list[str]:
        """What PHP had to say of the plugin; of WordPress' own files it says a lot."""
        if not self.log.exists():
            return []
        return [line for line in self.log.read_text().splitlines() if PLUGIN.name in line]

    def outside(self) -> list[str]:
        """Whom the server wished to ask beyond this machine, but for news of itself."""
        asked = self.asked.read_text().split() if self.asked.exists() else []
        own = re.compile(rf"http://{re.escape(HOST)}:|https?://\w+\.wordpress\.org/")
        return [address for address in asked if not own.match(address)]

    def _run(self, program: str) -> str:
        done = subprocess.run(
            ["php", "-r", f"require '{self.before}'; {program}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def php_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def php_list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(map(php_text, texts))}]"


@contextmanager
def running() -> Iterator[WordPress]:
    """A WordPress as it is right after it was set up, and the plugin's file among its plugins."""
    with tempfile.TemporaryDirectory(prefix="hromada-wp-") as place:
        folder = Path(place)
        socket = folder / "db.sock"
        its = WordPress(f"http://{HOST}:{free_port()}", folder / "site")
        lay_out(its, socket)
        with database(folder, socket), served(its):
            its.install()
            yield its


def lay_out(its: WordPress, socket: Path) -> None:
    """Debian's files, and beside them what is this site's own."""
    content = its.root / "wp-content"
    for name in ("plugins", "mu-plugins", "uploads", "themes"):
        (content / name).mkdir(parents=True)
    for entry in WORDPRESS.iterdir():
        if entry.name not in ("wp-config.php", "wp-content", ".htaccess"):
            (its.root / entry.name).symlink_to(entry)
    for theme in THEMES:
        (content / "themes" / theme).symlink_to(WORDPRESS / "wp-content/themes" / theme)
    shutil.copy(PLUGIN, content / "plugins")
    (content / "mu-plugins/this_machine.php").write_text(
        THIS_MACHINE.format(host=HOST, asked=its.asked)
    )
    (its.root / "wp-config.php").write_text(
        CONFIGURATION.format(socket=socket, url=its.url, log=its.log)
    )
    its.before.write_text(BEFORE.format(root=its.root))


@contextmanager
def database(folder: Path, socket: Path) -> Iterator[None]:
    data, user = folder / "db", getpass.getuser()
    common = ["--no-defaults", f"--datadir={data}", f"--user={user}"]
    subprocess.run(
        ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    first = folder / "first.sql"
    first.write_text("create database if not exists wordpress character set utf8mb4;\n")
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]
    command = ["mariadbd", *common, *quick, "--skip-networking", f"--socket={socket}"]
    with program([*command, f"--init-file={first}"], folder / "db.log"):
        until(socket.exists)
        yield


@contextmanager
def served(its: WordPress) -> Iterator[None]:
    address = its.url.removeprefix("http://")
    command = ["php", "-d", f"auto_prepend_file={its.before}", "-S", address, "-t", str(its.root)]
    log = its.root.parent / "web.log"
    # A page of the editor asks for others while it is made.
    with program(command, log, PHP_CLI_SERVER_WORKERS="4"):
        until(lambda: "started" in log.read_text())
        yield


@contextmanager
def program(command: list[str], log: Path, **variables: str) -> Iterator[None]:
    """With its children, until it is no longer needed; what it said, if something goes wrong."""
    with log.open("wb") as out:
        running = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | variables,
            start_new_session=True,
        )
    try:
        yield
    except AssertionError as error:
        error.add_note(log.read_text())
        raise
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait()
