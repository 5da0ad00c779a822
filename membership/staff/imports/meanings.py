"""What people and programs write for a kind of membership, for yes and no, for paid."""

ENDED = "ended"
KINDS: dict[str, str] = {
    **dict.fromkeys(("comped", "comp", "complimentary", "free", "guest"), "comped"),
    **dict.fromkeys(("безкоштовне", "подароване редакцією", "honorowe", "bezpłatne"), "comped"),
    **dict.fromkeys(("offline", "patron", "paid", "paying", "active", "member", "yes"), "offline"),
    **dict.fromkeys(("платне", "патрон", "так", "płatne", "tak", "aktywne", "активне"), "offline"),
    **dict.fromkeys(("gift", "gifted", "present", "подарунок", "prezent", "подароване"), "gift"),
    **dict.fromkeys(("ended", "former", "cancelled", "canceled", "expired", "past"), ENDED),
    **dict.fromkeys(("колишнє", "завершене", "zakończone", "byłe"), ENDED),
    **dict.fromkeys(
        ("", "-", "none", "no", "free member", "reader", "ні", "немає", "nie", "brak"), ""
    ),
}
"""What people call a kind of membership; of one that has ended only what the file says is kept."""
YES = {
    "yes",
    "y",
    "true",
    "1",
    "x",
    "on",
    "t",
    "так",
    "tak",
    "ja",
    "oui",
    "subscribed",
    "opt-in",
    "opted in",
}
NO = {
    "",
    "no",
    "n",
    "false",
    "0",
    "off",
    "f",
    "-",
    "ні",
    "nie",
    "nein",
    "non",
    "unsubscribed",
    "opt-out",
}
PAID = {
    *(
        "",
        "paid",
        "complete",
        "completed",
        "succeeded",
        "success",
        "successful",
        "publish",
        "renewal",
    ),
    *("сплачено", "успішно", "zapłacone", "opłacone", "zakończona"),
}
STRIPE = "stripe"
