"""Invented people's names, fitting the language they speak."""

from dataclasses import dataclass
from typing import Final

from loyalty.demo.dice import Dice

_Name = tuple[str, str]
"""As it is written, and in the letters of an e-mail address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Names:
    """First names of women and men, and surnames in the form for each."""

    women: tuple[_Name, ...]
    men: tuple[_Name, ...]
    of_women: tuple[_Name, ...]
    of_men: tuple[_Name, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FullName:
    """A person's name, and how an e-mail address spells it."""

    first: str
    last: str
    address: str


def _pairs(text: str) -> tuple[_Name, ...]:
    pairs = (word.partition("=") for word in text.split())
    return tuple((name, latin or name.lower()) for name, _, latin in pairs)


_ENGLISH = _pairs(
    "Smith Jones Taylor Brown Evans Wilson Walker Wright Hughes Green Hall Wood"
    " Harris Clark Turner Hill Moore Ward Morris King Baker Cook Bell Carter Parker"
)
_SLOVENE = _pairs(
    "Novak Horvat Krajnc Zupančič=zupancic Potočnik=potocnik Kovačič=kovacic Mlakar"
    " Kos Vidmar Golob Turk Božič=bozic Kralj Korošec=korosec Zupan Bizjak"
)
_PERSIAN = _pairs(
    "محمدی=mohammadi حسینی=hosseini احمدی=ahmadi کریمی=karimi موسوی=mousavi"
    " جعفری=jafari رضایی=rezaei نوری=nouri صادقی=sadeghi رحیمی=rahimi"
    " اکبری=akbari قاسمی=ghasemi"
)

_NAMES: Final = {
    "en": _Names(
        women=_pairs(
            "Alice Emma Grace Hannah Ivy Jane Kate Lucy Mary Nora Olivia Rose Sarah"
            " Tessa Violet Amy Beth Clara Daisy Ella Fiona Helen Judith Laura"
        ),
        men=_pairs(
            "Adam Ben Charles Daniel Edward Frank George Harry Jack Leo Martin Noah"
            " Oliver Paul Robert Sam Thomas Victor William Arthur David Henry Peter"
        ),
        of_women=_ENGLISH,
        of_men=_ENGLISH,
    ),
    "pl": _Names(
        women=_pairs(
            "Anna Maria Zofia Hanna Julia Maja Alicja Katarzyna Agnieszka Ewa Magda"
            " Barbara Joanna Monika Dorota"
        ),
        men=_pairs(
            "Jan Piotr Paweł=pawel Tomasz Marcin Jakub Adam Krzysztof Michał=michal"
            " Andrzej Wojciech Rafał=rafal Marek Kamil"
        ),
        of_women=_pairs(
            "Kowalska Nowak Wiśniewska=wisniewska Wójcik=wojcik Kamińska=kaminska"
            " Lewandowska Zielińska=zielinska Szymańska=szymanska Mazur Krawczyk"
        ),
        of_men=_pairs(
            "Kowalski Nowak Wiśniewski=wisniewski Wójcik=wojcik Kamiński=kaminski"
            " Lewandowski Zieliński=zielinski Szymański=szymanski Mazur Krawczyk"
        ),
    ),
    "ru": _Names(
        women=_pairs(
            "Анна=anna Елена=elena Мария=maria Ольга=olga Наталья=natalya Ирина=irina"
            " Светлана=svetlana Екатерина=ekaterina Дарья=darya Юлия=yulia"
        ),
        men=_pairs(
            "Иван=ivan Дмитрий=dmitry Сергей=sergey Алексей=alexey Андрей=andrey"
            " Михаил=mikhail Николай=nikolay Павел=pavel Максим=maxim Юрий=yury"
        ),
        of_women=_pairs(
            "Иванова=ivanova Смирнова=smirnova Кузнецова=kuznetsova Попова=popova"
            " Соколова=sokolova Лебедева=lebedeva Новикова=novikova Волкова=volkova"
        ),
        of_men=_pairs(
            "Иванов=ivanov Смирнов=smirnov Кузнецов=kuznetsov Попов=popov"
            " Соколов=sokolov Лебедев=lebedev Новиков=novikov Волков=volkov"
        ),
    ),
    "sl": _Names(
        women=_pairs(
            "Ana Marija Maja Nina Eva Mojca Barbara Tina Sara Lara Zala"
            " Špela=spela Urša=ursa Živa=ziva"
        ),
        men=_pairs(
            "Luka Marko Janez Matej Tomaž=tomaz Rok Jure Miha Aleš=ales Gregor"
            " Blaž=blaz Žan=zan"
        ),
        of_women=_SLOVENE,
        of_men=_SLOVENE,
    ),
    "fa": _Names(
        women=_pairs(
            "زهرا=zahra مریم=maryam فاطمه=fatemeh نرگس=narges سارا=sara مینا=mina"
            " لیلا=leila شیرین=shirin پریسا=parisa نازنین=nazanin"
        ),
        men=_pairs(
            "علی=ali محمد=mohammad رضا=reza حسین=hossein امیر=amir مهدی=mehdi"
            " بهرام=bahram کاوه=kaveh سهراب=sohrab آرش=arash"
        ),
        of_women=_PERSIAN,
        of_men=_PERSIAN,
    ),
}


def invent_name(language: str, dice: Dice) -> FullName:
    """Return a name for somebody who speaks one of the five languages."""
    names = _NAMES[language]
    if dice.happens("woman", 0.5):
        first, last = dice.pick("first", names.women), dice.pick("last", names.of_women)
    else:
        first, last = dice.pick("first", names.men), dice.pick("last", names.of_men)
    return FullName(first=first[0], last=last[0], address=f"{first[1]}.{last[1]}")
