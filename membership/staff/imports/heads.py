"""What columns are called, and what a column of this name may hold in a file that nobody knows."""

import re
from collections.abc import Mapping, Sequence

GUESSES = {
    "email": (
        *("email", "e-mail", "mail", "email address", "e-mail address", "emailaddress"),
        *("електронна пошта", "ел. пошта", "пошта", "електронна адреса", "адреса", "імейл"),
        *("adres e-mail", "adres email", "adres mailowy", "poczta", "e-mailadresse", "address"),
    ),
    "name": (
        *("name", "full name", "fullname", "display name", "supporter", "donor name"),
        *("імʼя", "ім'я", "ім’я", "повне ім'я", "піб", "прізвище та ім'я", "прізвище, ім'я"),
        *("imię i nazwisko", "nazwa", "imie i nazwisko"),
    ),
    "first_name": ("first name", "first_name", "firstname", "given name", "imię", "imie"),
    "last_name": (
        *("last name", "last_name", "lastname", "surname", "family name"),
        *("прізвище", "nazwisko"),
    ),
    "language": ("language", "lang", "locale", "мова", "język", "jezyk"),
    "kind": (
        *("kind", "membership", "membership type", "type of membership", "member type"),
        *("вид членства", "членство", "тип", "rodzaj członkostwa", "członkostwo", "rodzaj"),
    ),
    "start": (
        *("start", "start date", "member since", "since", "joined", "joined at", "joined on"),
        *("член з", "початок", "дата початку", "z nami od", "od", "początek", "data rozpoczęcia"),
    ),
    "end": (
        *("end", "end date", "ends", "expires", "expires at", "expiry", "expiry date"),
        *("member until", "paid until", "valid until", "until", "expiration", "expiration date"),
        *("до", "дійсне до", "кінець", "дата закінчення", "сплачено до"),
        *("do", "ważne do", "koniec", "data zakończenia", "opłacone do"),
    ),
    "consent": (
        *("consent", "newsletter", "mailing list", "opt-in", "opt in", "subscribed"),
        *("згода", "розсилка", "підписка на розсилку", "zgoda", "zgoda na newsletter"),
    ),
    "consented_at": (
        *("consent date", "consented at", "opt-in date", "opted in at", "consent given at"),
        *("дата згоди", "data zgody"),
    ),
    "note": (
        *("note", "notes", "comment", "comments", "remark", "remarks"),
        *("примітка", "примітки", "нотатка", "коментар", "notatka", "uwagi", "komentarz"),
    ),
    "amount": (
        *("amount", "sum", "gift", "donation", "donation amount", "total"),
        *("сума", "внесок", "kwota", "suma", "wpłata", "darowizna"),
    ),
    "currency": ("currency", "currency code", "валюта", "waluta"),
    "given_on": (
        *("date", "given on", "paid on", "payment date", "donation date", "donated at"),
        *("received on", "дата", "дата внеску", "дата платежу", "data", "data wpłaty"),
    ),
    "reference": (
        *("reference", "transaction id", "transaction", "receipt", "payment id", "donation id"),
        *("номер платежу", "номер транзакції", "numer transakcji", "tytuł"),
    ),
    "status": ("status", "payment status", "donation status", "статус", "статус платежу"),
    "through": (
        "payment gateway",
        "gateway",
        "payment method",
        "спосіб оплати",
        "metoda płatności",
    ),
}
GUESSES_OF_A_BANK = {
    "given_on": (
        *("date", "booking date", "completed date", "transaction date", "value date"),
        *("дата", "дата операції", "дата проводки", "дата платежу"),
        *("data", "data operacji", "data księgowania", "data transakcji", "buchungstag"),
    ),
    "amount": (
        *("amount", "credit", "paid in", "money in"),
        *("сума", "сума операції", "надходження", "зарахування", "кредит"),
        *("kwota", "kwota operacji", "uznania", "betrag"),
    ),
    "currency": ("currency", "валюта", "waluta", "währung", "waehrung"),
    "purpose": (
        *("purpose", "description", "reference", "details", "payment reference", "narrative"),
        *("призначення", "призначення платежу", "опис операції"),
        *("tytuł", "tytuł operacji", "opis operacji", "opis", "verwendungszweck"),
    ),
    "payer": (
        *("payer", "name", "counterparty", "from", "sender", "payee", "partner name"),
        *("платник", "контрагент", "відправник", "назва контрагента"),
        *("nadawca", "nadawca/odbiorca", "nazwa kontrahenta", "kontrahent"),
        *("auftraggeber", "beguenstigter/zahlungspflichtiger"),
    ),
}
SPACES = re.compile(r"[\s\u00a0]+")


def plain(head: str) -> str:
    """In small letters, with one space for each gap."""
    return SPACES.sub(" ", head.strip().strip("*:#").lower().replace("’", "'"))


def guessed(heads: Sequence[str], guesses: Mapping[str, Sequence[str]] = GUESSES) -> dict[str, int]:
    """By our field the number of the column that is called like it, each column once."""
    names = [plain(head) for head in heads]
    found: dict[str, int] = {}
    for field, words in guesses.items():
        known = [plain(word) for word in words]
        places = [
            number
            for word in known
            for number, name in enumerate(names)
            if name in (word, word.replace(" ", "_")) and number not in found.values()
        ]
        if places:
            found[field] = places[0]
    return found
