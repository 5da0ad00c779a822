"""Names of patrons, Ukrainian ones most of all, with the letters their addresses use."""

import random

# Given names and family names as (written, in an address).
GIVEN = [
    ("Олена", "olena"), ("Ірина", "iryna"), ("Наталія", "nataliia"), ("Оксана", "oksana"),
    ("Тетяна", "tetiana"), ("Юлія", "yuliia"), ("Марія", "mariia"), ("Софія", "sofiia"),
    ("Дарина", "daryna"), ("Соломія", "solomiia"), ("Андрій", "andrii"), ("Олександр", "oleksandr"),
    ("Сергій", "serhii"), ("Дмитро", "dmytro"), ("Тарас", "taras"), ("Богдан", "bohdan"),
    ("Ярослав", "yaroslav"), ("Володимир", "volodymyr"), ("Михайло", "mykhailo"), ("Іван", "ivan"),
    ("Мар'яна", "mariana"), ("Вікторія", "viktoriia"), ("Назар", "nazar"), ("Остап", "ostap"),
]  # fmt: skip
FAMILY = [
    ("Шевченко", "shevchenko"), ("Коваленко", "kovalenko"), ("Бондаренко", "bondarenko"),
    ("Ткаченко", "tkachenko"), ("Кравченко", "kravchenko"), ("Олійник", "oliinyk"),
    ("Шевчук", "shevchuk"), ("Коваль", "koval"), ("Поліщук", "polishchuk"), ("Бойко", "boiko"),
    ("Мельник", "melnyk"), ("Лисенко", "lysenko"), ("Марченко", "marchenko"),
    ("Руденко", "rudenko"),
    ("Савченко", "savchenko"), ("Гнатюк", "hnatiuk"), ("Панченко", "panchenko"),
    ("Левчук", "levchuk"),
    ("Гончар", "honchar"), ("Стецько", "stetsko"), ("Заяць", "zaiats"), ("Кушнір", "kushnir"),
    ("Федорів", "fedoriv"), ("Петришин", "petryshyn"),
]  # fmt: skip
ABROAD_GIVEN = [
    ("Anna", "anna"), ("Marek", "marek"), ("Katarzyna", "katarzyna"), ("Jürgen", "juergen"),
    ("Heike", "heike"), ("Giulia", "giulia"), ("Émilie", "emilie"), ("Pierre", "pierre"),
    ("Mikko", "mikko"), ("Ieva", "ieva"), ("Jānis", "janis"), ("Petra", "petra"),
    ("Tomáš", "tomas"), ("Sinéad", "sinead"), ("Sofie", "sofie"), ("Andreea", "andreea"),
]  # fmt: skip
ABROAD_FAMILY = [
    ("Nowak", "nowak"), ("Wiśniewska", "wisniewska"), ("Schäfer", "schaefer"), ("Brandt", "brandt"),
    ("Rossi", "rossi"), ("Lefèvre", "lefevre"), ("Moreau", "moreau"), ("Virtanen", "virtanen"),
    ("Kalniņa", "kalnina"), ("Kazlauskas", "kazlauskas"), ("Novák", "novak"),
    ("Dvořáková", "dvorakova"),
    ("O'Brien", "obrien"), ("Jansen", "jansen"), ("Ionescu", "ionescu"), ("Horváth", "horvath"),
]  # fmt: skip

FROM_UKRAINE = 0.7


class People:
    """Patrons one after another, no address twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._seen: dict[str, int] = {}

    def next(self) -> dict[str, str]:
        """A name and an address at example.org."""
        home = self._chance.random() < FROM_UKRAINE
        given, given_letters = self._chance.choice(GIVEN if home else ABROAD_GIVEN)
        family, family_letters = self._chance.choice(FAMILY if home else ABROAD_FAMILY)
        letters = f"{given_letters}.{family_letters}"
        self._seen[letters] = self._seen.get(letters, 0) + 1
        number = self._seen[letters]
        return {
            "email": f"{letters}{number if number > 1 else ''}@example.org",
            "name": f"{given} {family}",
        }
