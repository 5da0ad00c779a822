"""On whose pages the newsroom's articles are, which may show what we give them."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

MOST_DOMAINS = 20
# A host as in a Content-Security-Policy (www.w3.org/TR/CSP3/#grammardef-host-part).
HOST = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def _hosts(domains: tuple[str, ...]) -> tuple[str, ...]:
    if len(domains) > MOST_DOMAINS:
        raise PydanticCustomError("too_many_domains", "{most}", {"most": MOST_DOMAINS})
    for domain in domains:
        if len(domain) > 253 or HOST.fullmatch(domain) is None:
            raise PydanticCustomError("not_a_domain", "{domain}", {"domain": domain})
    return tuple(dict.fromkeys(domains))


class Articles(BaseModel):
    """Named as in Rules, which it lies over."""

    model_config = ConfigDict(extra="forbid")

    article_domains: Annotated[tuple[str, ...], AfterValidator(_hosts)]
