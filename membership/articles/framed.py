"""What may stand in a frame of other sites, and where."""

from membership.settings.current import rules


def policy(*, has_script: bool = False) -> str:
    """The Content-Security-Policy of a page made to stand on the newsroom's own pages: wherever
    those are, unless it says.
    """
    hosts = " ".join(f"https://{domain}" for domain in rules.article_domains)
    allowed = f"'self' {hosts}" if hosts else "*"
    script = "script-src 'self'; " if has_script else ""
    return f"default-src 'none'; {script}style-src 'self'; frame-ancestors {allowed}"
