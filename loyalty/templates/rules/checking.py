"""A list of what may stand in a template; all else is refused before it is compiled.

The walk knows every kind of node that it lets through, so that what Jinja may learn
one day is refused as well. It also adds up what filling in can cost at the most.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from jinja2 import nodes

from loyalty.templates.rules.filters import ARGUMENTS, FILTERS
from loyalty.templates.rules.limits import ONE_LINE, SOURCE, STEPS
from loyalty.templates.rules.reading import Found, Unreadable, parse
from loyalty.templates.rules.vocabulary import (
    ALL_WORDS,
    LOOP,
    MOST_ENTRIES,
    VOCABULARIES,
    Kind,
    Vocabulary,
)
from loyalty.templates.values import Flaw, FlawKind, Part, TemplatePurpose

_LONGEST_CONSTANT: Final = 500
_MOST_FILTERS: Final = 5
_ORDERINGS: Final = frozenset({"gt", "gteq", "lt", "lteq"})
_EQUALITIES: Final = frozenset({"eq", "ne"})


def check_text(
    source: str, *, purpose: TemplatePurpose, language: str, part: Part
) -> Flaw | None:
    """Return the first thing that is wrong with one part, or None."""
    try:
        _check_characters(source, part)
        _Walk(VOCABULARIES[purpose]).template(parse(source))
    except Unreadable as problem:
        found = problem.found
        return Flaw(
            kind=found.kind,
            language=language,
            part=part,
            line=found.line,
            found=found.found,
            meant=found.meant,
            limit=found.limit,
        )
    return None


def _check_characters(source: str, part: Part) -> None:
    if len(source) > SOURCE[part]:
        raise Unreadable(Found(FlawKind.TOO_LONG, 1, limit=SOURCE[part]))
    for line, text in enumerate(source.split("\n"), start=1):
        if line > 1 and part in ONE_LINE:
            raise Unreadable(Found(FlawKind.LINE_BREAK, line))
        if any(char < " " or "\x7f" <= char < "\xa0" for char in text):
            raise Unreadable(Found(FlawKind.CONTROL, line))
        if any(char in "\u2028\u2029" for char in text):
            raise Unreadable(Found(FlawKind.CONTROL, line))


class _Walk:
    """One pass over a tree. Methods return what kind of thing an expression is."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._entry: tuple[str, str] | None = None
        """Inside a loop: the name of an entry, and the list it is of."""

        self._steps = 0
        self._kinds: Mapping[type[nodes.Node], Callable[[Any], Kind]] = {
            nodes.Const: self._constant,
            nodes.Name: self._name,
            nodes.Getattr: self._field,
            nodes.Filter: self._filter,
            nodes.Compare: self._compare,
            nodes.And: self._both,
            nodes.Or: self._both,
            nodes.Not: self._not,
            nodes.CondExpr: self._either,
        }

    def template(self, tree: nodes.Template) -> None:
        self._body(tree.body)

    def _body(self, body: list[nodes.Node]) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self._printed(part)
            elif isinstance(node, nodes.If):
                self._if(node)
            elif isinstance(node, nodes.For):
                self._for(node)
            else:
                raise _wrong(FlawKind.EXPRESSION, node, found=type(node).__name__)

    def _printed(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            self._count(node)
            return
        kind = self._kind(node)
        if kind in {Kind.LIST, Kind.RECORD}:
            raise _wrong(FlawKind.LIST, node, found=_called(node))
        if kind is Kind.TRUTH:
            raise _wrong(FlawKind.EXPRESSION, node)

    def _if(self, node: nodes.If) -> None:
        self._kind(node.test)
        self._body(node.body)
        for other in node.elif_:
            self._if(other)
        self._body(node.else_)

    def _for(self, node: nodes.For) -> None:
        lists = self._vocabulary.lists
        over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
        plain = node.test is None and not node.recursive
        if over not in lists or self._entry is not None or not plain:
            meant = ", ".join(lists)
            raise _wrong(FlawKind.LOOP, node, found=_called(node.iter), meant=meant)
        if not isinstance(node.target, nodes.Name):
            raise _wrong(FlawKind.LOOP_NAME, node)
        entry = node.target.name
        if entry in ALL_WORDS or entry == "loop" or entry.startswith("_"):
            raise _wrong(FlawKind.LOOP_NAME, node, found=entry)
        self._body(node.else_)
        self._entry = (entry, over)
        self._body(node.body)
        self._entry = None

    def _kind(self, node: nodes.Node) -> Kind:
        self._count(node)
        look = self._kinds.get(type(node))
        if look is None:
            raise _wrong(FlawKind.EXPRESSION, node)
        return look(node)

    def _count(self, node: nodes.Node) -> None:
        self._steps += MOST_ENTRIES if self._entry else 1
        if self._steps > STEPS:
            raise _wrong(FlawKind.TOO_MUCH, node, limit=STEPS)

    def _constant(self, node: nodes.Const) -> Kind:
        value = node.value
        if isinstance(value, bool) or value is None:
            return Kind.TRUTH
        if isinstance(value, int):
            return Kind.NUMBER
        if isinstance(value, str) and len(value) <= _LONGEST_CONSTANT:
            return Kind.TEXT
        raise _wrong(FlawKind.EXPRESSION, node, found=str(value)[:20])

    def _name(self, node: nodes.Name) -> Kind:
        if self._entry is not None and node.name == self._entry[0]:
            return Kind.RECORD
        kind = self._vocabulary.words.get(node.name)
        if kind is None:
            raise _unknown(node, self._vocabulary)
        return kind

    def _field(self, node: nodes.Getattr) -> Kind:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        fields: Mapping[str, Kind] = {}
        if self._entry is not None and owner == self._entry[0]:
            fields = self._vocabulary.lists[self._entry[1]]
        elif self._entry is not None and owner == "loop":
            fields = LOOP
        if node.attr not in fields:
            meant = _closest(node.attr, fields) or ", ".join(fields)
            found = f"{_called(node.node)}.{node.attr}"[:60]
            raise _wrong(FlawKind.FIELD, node, found=found, meant=meant)
        return fields[node.attr]

    def _filter(self, node: nodes.Filter) -> Kind:
        if node.name not in FILTERS:
            meant = _closest(node.name, FILTERS) or ", ".join(sorted(FILTERS))
            raise _wrong(FlawKind.FILTER, node, found=node.name[:40], meant=meant)
        wanted = ARGUMENTS.get(node.name)
        told = [
            one.value if isinstance(one, nodes.Const) else None for one in node.args
        ]
        odd = node.kwargs or node.dyn_args or node.dyn_kwargs
        if odd or [type(one) for one in told] != ([wanted] if wanted else []):
            raise _wrong(FlawKind.ARGUMENT, node, found=node.name)
        for one in node.args:
            self._kind(one)
        deep, inner = 1, node.node
        while isinstance(inner, nodes.Filter):
            deep, inner = deep + 1, inner.node
        if deep > _MOST_FILTERS or node.node is None:
            raise _wrong(FlawKind.NESTED, node, limit=_MOST_FILTERS)
        if self._kind(node.node) not in {Kind.TEXT, Kind.NUMBER}:
            raise _wrong(FlawKind.LIST, node, found=_called(node.node))
        return Kind.TEXT

    def _compare(self, node: nodes.Compare) -> Kind:
        kinds = [self._kind(node.expr), *(self._kind(one.expr) for one in node.ops)]
        signs = {one.op for one in node.ops}
        if not signs <= _ORDERINGS | _EQUALITIES:
            raise _wrong(FlawKind.EXPRESSION, node)
        if signs & _ORDERINGS and set(kinds) != {Kind.NUMBER}:
            raise _wrong(FlawKind.COMPARED, node, found=_called(node.expr))
        return Kind.TRUTH

    def _both(self, node: nodes.And | nodes.Or) -> Kind:
        self._kind(node.left)
        self._kind(node.right)
        return Kind.TRUTH

    def _not(self, node: nodes.Not) -> Kind:
        self._kind(node.node)
        return Kind.TRUTH

    def _either(self, node: nodes.CondExpr) -> Kind:
        self._kind(node.test)
        kinds = {self._kind(node.expr1)}
        # Without an else, Jinja would have nothing to print.
        if node.expr2 is None:
            raise _wrong(FlawKind.EXPRESSION, node)
        kinds.add(self._kind(node.expr2))
        return kinds.pop() if len(kinds) == 1 else Kind.TEXT


def _wrong(
    kind: FlawKind,
    node: nodes.Node,
    *,
    found: str = "",
    meant: str = "",
    limit: int = 0,
) -> Unreadable:
    return Unreadable(
        Found(kind, node.lineno, found=found[:60], meant=meant, limit=limit)
    )


def _unknown(node: nodes.Name, vocabulary: Vocabulary) -> Unreadable:
    name = node.name[:40]
    if name in ALL_WORDS:
        return _wrong(FlawKind.ELSEWHERE, node, found=name)
    meant = _closest(name, vocabulary.words)
    return _wrong(FlawKind.WORD, node, found=name, meant=meant)


def _closest(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name[:40].lower().replace("-", "_"), known, n=1)
    return close[0] if close else ""


def _called(node: nodes.Node | None) -> str:
    return node.name[:40] if isinstance(node, nodes.Name) else ""
