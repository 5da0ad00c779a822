"""On whose pages the newsroom's articles are, and what stands on them."""

import re
from typing import Annotated
from urllib.parse import urldefrag, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from werkzeug.urls import uri_to_iri

from config import Mode
from membership.extensions import settings
from membership.settings.current import rules

MOST_DOMAINS = 20
LONGEST = 500
# A host as in a Content-Security-Policy (www.w3.org/TR/CSP3/#grammardef-host-part).
HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
MOST_APPEALS = 20
# It stands in an attribute that web editors write.
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CAMPAIGN = re.compile(r"(utm_\w+|fbclid|gclid)(=|$)")
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def _hosts(domains: tuple[str, ...]) -> tuple[str, ...]:
    if len(domains) > MOST_DOMAINS:
        raise PydanticCustomError("too_many_domains", "{most}", {"most": MOST_DOMAINS})
    for domain in domains:
        if len(domain) > 253 or HOST.fullmatch(domain) is None:
            raise PydanticCustomError("not_a_domain", "{domain}", {"domain": domain})
    return tuple(dict.fromkeys(domains))


def _names(appeals: tuple[str, ...]) -> tuple[str, ...]:
    if len(appeals) > MOST_APPEALS:
        raise PydanticCustomError("too_many_appeals", "{most}", {"most": MOST_APPEALS})
    for name in appeals:
        if NAME.fullmatch(name) is None:
            raise PydanticCustomError("not_a_name", "{name}", {"name": name})
    return tuple(dict.fromkeys(appeals))


class Articles(BaseModel):
    """Named as in Rules, which it lies over."""

    model_config = ConfigDict(extra="forbid")

    article_domains: Annotated[tuple[str, ...], AfterValidator(_hosts)]
    appeals: Annotated[tuple[str, ...], AfterValidator(_names)]
    most_quoted: Annotated[int, Field(ge=1, le=100_000)]


class NotOurs(ValueError):
    """An address of no page on the newsroom's domains."""


def ours(address: str) -> str:
    """The one spelling of the address of an article of ours: readable, without a fragment, what
    campaigns add, or a port that says nothing.

    An article is ours on one of `article_domains`, and in sandbox mode on this machine too.
    Raises NotOurs.
    """
    typed = address.strip()
    try:
        spelt = urlsplit(uri_to_iri(urldefrag(typed).url))
        host, port = (spelt.hostname or "").encode("idna").decode(), spelt.port
    except (UnicodeError, ValueError):
        raise NotOurs(address) from None
    netloc = spelt.netloc.removesuffix(":443") if spelt.scheme == "https" else spelt.netloc
    query = "&".join(part for part in spelt.query.split("&") if not CAMPAIGN.match(part))
    its = spelt._replace(netloc=netloc, query=query).geturl()
    is_text = typed.isprintable() and its.isprintable() and not set(its) & set(" \\")
    if not is_text or len(its) > LONGEST or "@" in netloc or not _is_ours(spelt.scheme, host, port):
        raise NotOurs(address)
    return its


def _is_ours(scheme: str, host: str, port: int | None) -> bool:
    """A host as browsers ask for it: by IDNA's letters."""
    if settings.mode is Mode.sandbox and scheme == "http" and host in THIS_MACHINE:
        return True
    if scheme != "https" or port not in (None, 443) or "*" in host or HOST.fullmatch(host) is None:
        return False
    return any(
        host.endswith(domain[1:]) if domain.startswith("*.") else host == domain
        for domain in rules.article_domains
    )
