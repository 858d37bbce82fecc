"""What marketers may write, what is refused, and that nothing else ever runs."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loyalty.templates.rules import check_text, fill
from loyalty.templates.rules.filling import Figure
from loyalty.templates.rules.limits import RESULT
from loyalty.templates.values import Flaw, FlawKind, Part, TemplatePurpose, WordsFail

OFFER = TemplatePurpose.OFFER
VALUES = {
    "first_name": "Ada",
    "shop": "Corner",
    "card": "4711",
    "points": Figure.of(1200, "1,200"),
    "link": "https://shop.example/o/abc",
    "sentence": "You get 20% off coffee.",
    "why": "You often buy coffee.",
    "terms": "Once each.",
    "valid_until": "30 Nov, 20:00",
    "offers": [
        {"sentence": "20% off coffee.", "why": "Often.", "valid_until": "30 Nov"},
        {"sentence": "10% off tea.", "why": "New.", "valid_until": "1 Dec"},
    ],
}

PAYLOADS = [
    "{{ 7*7 }}",
    "{{ 'a'*10**9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ 10**10**10 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ first_name.__class__ }}",
    "{{ first_name.format }}",
    "{{ '{0.__class__}'.format(first_name) }}",
    "{{ '%s' % first_name }}",
    "{{ first_name['__class__'] }}",
    "{{ first_name|attr('__class__') }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ request.application }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner }}",
    "{{ namespace() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ range(10**9)|list }}",
    "{% for a in range(10**9) %}x{% endfor %}",
    "{% for a in 'aaaa' %}x{% endfor %}",
    "{% for a in [1,2,3] %}x{% endfor %}",
    "{% for a in offers %}{% for b in offers %}x{% endfor %}{% endfor %}",
    "{% for a in offers recursive %}{{ loop(offers) }}{% endfor %}",
    "{% for a in offers if a.sentence %}x{% endfor %}",
    "{% for sentence in offers %}x{% endfor %}",
    "{% for loop in offers %}x{% endfor %}",
    "{% for __x in offers %}x{% endfor %}",
    "{% for a, b in offers %}x{% endfor %}",
    "{% for a in offers %}{{ a }}{% endfor %}",
    "{% for a in offers %}{{ a.items }}{% endfor %}",
    "{% for a in offers %}{{ a.items() }}{% endfor %}",
    "{% for a in offers %}{{ loop.changed }}{% endfor %}",
    "{% for a in offers %}{{ loop.previtem.sentence }}{% endfor %}",
    "{% for a in offers %}{{ loop.cycle('a') }}{% endfor %}",
    "{{ offers }}",
    "{{ offers[0] }}",
    "{{ offers|length }}",
    "{{ offers|map(attribute='__class__')|list }}",
    "{{ first_name|upper|upper|upper|upper|upper|upper }}",
    "{{ first_name|truncate(10, true) }}",
    "{{ first_name|truncate(length=10) }}",
    "{{ first_name|truncate(*offers) }}",
    "{{ first_name|default(why) }}",
    "{{ first_name|center(1000000000) }}",
    "{{ first_name|replace('A', 'B') }}",
    "{{ first_name|safe }}",
    "{{ first_name|urlize }}",
    "{{ first_name|tojson }}",
    "{{ first_name is defined }}",
    "{{ first_name in shop }}",
    "{{ first_name > 1 }}",
    "{{ points > 1 }}",
    "{{ -points }}",
    "{{ points + 1 }}",
    "{{ points // 0 }}",
    "{{ 1.5 }}",
    "{{ 1e999 }}",
    "{{ 99999999999 }}",
    "{{ [] }}",
    "{{ {} }}",
    "{{ () }}",
    "{{ (1, 2) }}",
    "{{ none }}",
    "{{ true }}",
    "{{ first_name if points }}",
    "{{ caller() }}",
    "{{ super() }}",
    "{{ varargs }}",
    "{{ _('x') }}",
    "{% include 'x' %}",
    "{% import 'os' as os %}",
    "{% from 'os' import system %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% macro m() %}{{ m() }}{% endmacro %}",
    "{% call m() %}{% endcall %}",
    "{% set x = 1 %}",
    "{% set x %}y{% endset %}",
    "{% with x = 1 %}{% endwith %}",
    "{% filter upper %}x{% endfilter %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% do first_name %}",
    "{% debug %}",
    "{% trans %}x{% endtrans %}",
    "{% print(first_name) %}",
    "{% break %}",
    "{% %}",
    "{{ }}",
    "{{ first_name",
    "{% if points",
    "{% if points %}x",
    "{% for a in offers %}x",
    "{% endif %}",
    "{% else %}",
    "{% if points %}{% endfor %}",
    "{# never closed",
    "{% raw %}never closed",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{{ " + "not " * 1500 + "1 }}",
    "{{ " + "-" * 3000 + "1 }}",
    "{{ first_name" + "|upper" * 900 + " }}",
    "{% if points %}" * 400 + "{% endif %}" * 400,
    "{{ first_name }}" * 400,
    "{{ " + "9" * 5000 + " }}",
    "{{ '" + "a" * 700 + "' }}",
    "{% for a in offers %}" + "{{ a.sentence }}" * 150 + "{% endfor %}",
    "a" * 8001,
    "a\x00b",
    "a\x1b[31mb",
    "a\rb",
    "a\u2028b",
]


def _flaw(
    source: str, part: Part = Part.BODY, purpose: TemplatePurpose = OFFER
) -> Flaw | None:
    return check_text(source, purpose=purpose, language="en", part=part)


def _fill(source: str, part: Part = Part.BODY, **more: object) -> str:
    values = {**VALUES, **more}
    return fill(source, purpose=OFFER, part=part, values=values)  # type: ignore[arg-type]  # hostile values


class TestWords:
    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("Hello {{ first_name }}!", "Hello Ada!"),
            ("{{ points }} points", "1,200 points"),
            ("{% if points > 1000 %}Rich{% else %}Soon{% endif %}", "Rich"),
            ("{% if points >= 1200 and first_name %}a{% endif %}", "a"),
            ("{% if not why %}a{% elif shop == 'Corner' %}b{% endif %}", "b"),
            ("{{ first_name|upper }}", "ADA"),
            ("{{ points|upper }}", "1,200"),
            ("{{ sentence|truncate(8)|trim }}", "You get…"),
            ("{{ first_name if points > 5 else shop }}", "Ada"),
            (
                (
                    "{% for one in offers %}{{ loop.index }}. {{ one.sentence }}"
                    "{% if not loop.last %} {% endif %}{% endfor %}"
                ),
                "1. 20% off coffee. 2. 10% off tea.",
            ),
            (
                "{% for one in offers %}\n- {{ one.why }}\n  {% endfor %}\nend",
                "- Often.\n- New.\nend",
            ),
            ("{% if why %}a{% endif %}\n\nb", "a\n\nb"),
            ("{% raw %}{{ first_name }}{% endraw %}", "{{ first_name }}"),
            ("a{# not shown #}b", "ab"),
            ("100 % {sure} [first name] $x", "100 % {sure} [first name] $x"),
        ],
    )
    def test_are_filled_in(self, source: str, text: str) -> None:
        assert _flaw(source) is None
        assert _fill(source) == text

    def test_may_be_empty_and_have_a_default(self) -> None:
        source = 'Hello {{ first_name|default("friend") }}'
        assert _fill(source, first_name="") == "Hello friend"

    def test_that_are_missing_are_empty(self) -> None:
        text = fill("[{{ why }}]", purpose=OFFER, part=Part.BODY, values={})
        assert text == "[]"

    def test_are_never_read_as_a_template(self) -> None:
        text = _fill("Hello {{ first_name }}", first_name="{{ 7*7 }}{% if %}")
        assert text == "Hello {{ 7*7 }}{% if %}"

    def test_bring_no_line_break_into_a_subject(self) -> None:
        name = "Ada\r\nBcc: all@example.org\x00\u2028x"
        text = _fill("For {{ first_name }}", Part.SUBJECT, first_name=name)
        assert text == "For Ada Bcc: all@example.org x"

    def test_are_cut_where_a_line_would_be_too_long(self) -> None:
        text = _fill("{{ sentence }}", Part.SUBJECT, sentence="a" * 19_000)
        assert text == "a" * 149 + "…"

    def test_are_no_list_longer_than_twenty(self) -> None:
        many = [{"sentence": "x"}] * 500
        source = "{% for one in offers %}{{ one.sentence }}{% endfor %}"
        assert _fill(source, offers=many) == "x" * 20


class TestTheSandbox:
    @pytest.mark.parametrize("source", PAYLOADS, ids=range(len(PAYLOADS)))
    def test_refuses(self, source: str) -> None:
        assert _flaw(source) is not None
        with pytest.raises(WordsFail):
            _fill(source)

    @pytest.mark.parametrize("part", [Part.SUBJECT, Part.PREHEADER, Part.BUTTON])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_refuses_a_line_break_in_a_line(self, part: Part, end: str) -> None:
        flaw = _flaw(f"An offer{end}Bcc: all@example.org", part)
        assert flaw is not None
        assert flaw.kind in {FlawKind.LINE_BREAK, FlawKind.CONTROL}

    def test_refuses_what_is_too_much_in_the_end(self) -> None:
        source = "{{ terms }}" * 100
        assert _flaw(source) is None
        with pytest.raises(WordsFail, match="longer than 40000"):
            _fill(source, terms="x" * 20_000)

    def test_knows_no_global_and_no_test(self) -> None:
        from loyalty.templates.rules.reading import (  # noqa: PLC0415  # its inside
            ENVIRONMENT,
        )

        assert not ENVIRONMENT.globals
        assert not ENVIRONMENT.tests
        assert ENVIRONMENT.loader is None
        assert sorted(ENVIRONMENT.filters) == [
            "capitalize",
            "default",
            "lower",
            "title",
            "trim",
            "truncate",
            "upper",
        ]

    @given(source=st.text(alphabet="{}%#()[]|.'\"~*+-_ \nabif0", max_size=120))
    @example(source="{{'\\N{")
    @example(source="{%if")
    @settings(max_examples=300, deadline=None)
    def test_answers_any_text(self, source: str) -> None:
        _answers(source)

    @given(
        pieces=st.lists(
            st.sampled_from(
                [
                    "{{",
                    "}}",
                    "{%",
                    "%}",
                    "{#",
                    "#}",
                    " if ",
                    " for ",
                    " in ",
                    " else ",
                    "endif",
                    "endfor",
                    "elif",
                    "raw",
                    "endraw",
                    "offers",
                    "first_name",
                    "points",
                    "one",
                    "one.sentence",
                    "loop",
                    ".index",
                    "|",
                    "upper",
                    "truncate(3)",
                    "default('x')",
                    "(",
                    ")",
                    "[",
                    "]",
                    "'a'",
                    "1",
                    ">",
                    "==",
                    " and ",
                    " not ",
                    "~",
                    "*",
                    "**",
                    ",",
                    "set ",
                    "import ",
                    "self",
                    "range",
                    "__class__",
                    "-",
                    "\n",
                    " ",
                ]
            ),
            max_size=30,
        )
    )
    @settings(max_examples=400, deadline=None)
    def test_answers_any_pieces_of_templates(self, pieces: list[str]) -> None:
        _answers("".join(pieces))


def _answers(source: str) -> None:
    """Whatever was written: a flaw with a line, or a text within bounds."""
    flaw = _flaw(source)
    if flaw is not None:
        assert 1 <= flaw.line <= source.count("\n") + 1
        return
    try:
        text = _fill(source)
    except WordsFail:
        return
    assert len(text) <= RESULT[Part.BODY]
    assert not re.search(r"<class|<function|0x[0-9a-f]{6}|built-in", text)


class TestAFlaw:
    @pytest.mark.parametrize(
        ("source", "kind", "line", "found", "meant"),
        [
            ("a\nb {{ frist_name }}", FlawKind.WORD, 2, "frist_name", "first_name"),
            ("{{ first-name }}", FlawKind.EXPRESSION, 1, "", ""),
            ("{{ FirstName }}", FlawKind.WORD, 1, "FirstName", "first_name"),
            ("{{ zebra }}", FlawKind.WORD, 1, "zebra", ""),
            ("{{ expiring }}", FlawKind.ELSEWHERE, 1, "expiring", ""),
            ("{{ why|uper }}", FlawKind.FILTER, 1, "uper", "upper"),
            ("{{ why|truncate }}", FlawKind.ARGUMENT, 1, "truncate", ""),
            ("\n\n{% include 'x' %}", FlawKind.TAG, 3, "include", ""),
            ("{% if why %}a", FlawKind.NOT_ENDED, 1, "if", ""),
            ("a\n{{ why", FlawKind.UNCLOSED, 2, "", ""),
            ("{% for a in why %}{% endfor %}", FlawKind.LOOP, 1, "why", "offers"),
            (
                "{% for a in offers %}{{ a.sentense }}{% endfor %}",
                FlawKind.FIELD,
                1,
                "a.sentense",
                "sentence",
            ),
            ("{% if why > 3 %}a{% endif %}", FlawKind.COMPARED, 1, "why", ""),
        ],
    )
    def test_says_where_and_what_was_meant(
        self, source: str, kind: FlawKind, line: int, found: str, meant: str
    ) -> None:
        assert _flaw(source) == Flaw(
            kind=kind,
            language="en",
            part=Part.BODY,
            line=line,
            found=found,
            meant=meant,
        )
