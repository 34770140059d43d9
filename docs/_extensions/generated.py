"""Directives that write reference parts from the code itself, so that no number or name is typed twice.

`parameter-table BLOCK…` and `parameter-reference`, `grade-counts`, `outcome-reference`, `series-reference`,
`command-reference`, `error-reference`, `reference-numbers SUBMODEL…`, `unit-table` and `python-reference`;
`all-pages FOLDER` lists the pages of a folder, the named ones first.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.directives.other import TocTree
from sphinx.util.docutils import SphinxDirective

Cell = str | nodes.Node | Sequence[nodes.Node]


# Nodes ---------------------------------------------------------------------------------------------------------


def rich(text: str) -> list[nodes.Node]:
    """Text in which `backticks` mark code."""
    parts = text.split("`")
    return [
        nodes.literal("", part) if place % 2 else nodes.Text(part) for place, part in enumerate(parts) if part
    ]


def code(text: str) -> nodes.literal:
    return nodes.literal("", text)


def paragraph(cell: Cell) -> nodes.paragraph:
    inner = rich(cell) if isinstance(cell, str) else [cell] if isinstance(cell, nodes.Node) else list(cell)
    return nodes.paragraph("", "", *inner)


def table(headings: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> nodes.table:
    def line(cells: Sequence[Cell]) -> nodes.row:
        return nodes.row("", *[nodes.entry("", paragraph(cell)) for cell in cells])

    columns = [nodes.colspec(colwidth=width) for width in widths]
    head = nodes.thead("", line(headings))
    body = nodes.tbody("", *[line(cells) for cells in rows])
    return nodes.table("", nodes.tgroup("", *columns, head, body, cols=len(widths)))


def section(title: str | nodes.Node, name: str, *content: nodes.Node) -> nodes.section:
    heading = nodes.title("", "", nodes.Text(title) if isinstance(title, str) else title)
    return nodes.section("", heading, *content, ids=[name], names=[])


def block(text: str, language: str = "text") -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


def slug(*parts: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


class Generated(SphinxDirective):
    """A part that is made anew in every build, because its source is code and not the page."""

    def run(self) -> list[nodes.Node]:
        self.env.note_reread()
        return self.content_nodes()

    def content_nodes(self) -> list[nodes.Node]:
        raise NotImplementedError


# Parameters ----------------------------------------------------------------------------------------------------


def _submodels() -> dict[str, list[Any]]:
    from excomm.case import defaults

    found: dict[str, list[Any]] = {}
    for parameter in defaults().values():
        found.setdefault(parameter.submodel, []).append(parameter)
    return found


def _limits(parameter: Any) -> str:
    from excomm.case.priors import spell_number

    low, high = parameter.bounds
    return f"{spell_number(low)} to {spell_number(high)}"


def _merged(parameters: Sequence[Any]) -> Iterator[list[Any]]:
    """Parameters in order; those of the two sides together where they say the same."""
    done: set[str] = set()
    by_id = {parameter.id: parameter for parameter in parameters}
    for parameter in parameters:
        if parameter.id in done:
            continue
        group = [parameter]
        parts = parameter.id.split(".")
        if len(parts) == 3 and parts[1] in ("host", "adversary"):
            other = by_id.get(
                ".".join([parts[0], "host" if parts[1] == "adversary" else "adversary", parts[2]])
            )
            if other and all(
                getattr(parameter, field) == getattr(other, field)
                for field in ("text", "unit", "source", "grade", "bounds", "note")
            ):
                group.append(other)
        done |= {one.id for one in group}
        yield sorted(group, key=lambda one: ".adversary." in one.id)


def parameter_rows(parameters: Sequence[Any]) -> nodes.table:
    rows = []
    for group in _merged(parameters):
        first = group[0]
        ids: list[nodes.Node] = []
        for one in group:
            ids += [*([nodes.Text(" ")] if ids else []), code(one.id)]
        source = first.source + (f". {first.note}" if first.note else "")
        rows.append((ids, first.meaning, f"{first.text} (bounds {_limits(first)})", first.grade, source))
    headings = ("Parameter", "Meaning", "Default prior", "Grade", "Source")
    return table(headings, rows, (22, 30, 20, 5, 23))


class ParameterTable(Generated):
    """The parameters of the named blocks, from the shipped defaults."""

    required_arguments = 1
    final_argument_whitespace = True

    def content_nodes(self) -> list[nodes.Node]:
        found = _submodels()
        names = self.arguments[0].split()
        if missing := [name for name in names if name not in found]:
            raise self.error(f"no parameter starts with {missing[0]}")
        return [parameter_rows([one for name in names for one in found[name]])]


class ParameterReference(Generated):
    """All parameters, a section a block."""

    def content_nodes(self) -> list[nodes.Node]:
        return [
            section(code(name), slug("parameters", name), parameter_rows(parameters))
            for name, parameters in _submodels().items()
        ]


class GradeCounts(Generated):
    """How many parameters of the defaults and of each shipped case carry which grade."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.case import defaults, library, load

        tables = [("shipped defaults", defaults())]
        tables += [(f"case {case.id}", load(case.id).parameters()) for case in library()]
        rows = []
        for name, parameters in tables:
            grades = [parameter.grade for parameter in parameters.values()]
            judged = sum(parameter.source.startswith("judgement") for parameter in parameters.values())
            counts = [str(grades.count(grade)) for grade in "ABC"]
            rows.append((name, str(len(grades)), *counts, str(judged)))
        headings = ("Where", "Parameters", "A", "B", "C", "Source begins with “judgement”")
        return [table(headings, rows, (30, 14, 8, 8, 8, 32))]


# Outcomes ------------------------------------------------------------------------------------------------------


class OutcomeReference(Generated):
    """All outcomes, a section a group."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.quantities import GROUPS, OUTCOMES

        sections = []
        for group, title in GROUPS.items():
            rows = []
            for outcome in OUTCOMES.values():
                if outcome.group != group:
                    continue
                marks = [
                    word
                    for word, holds in (
                        ("options table", outcome.headline),
                        ("rare: natural frequencies", outcome.rare),
                        ("paired with the reference option", outcome.paired),
                    )
                    if holds
                ]
                label = f"{outcome.label}. {outcome.definition}"
                drivers: list[nodes.Node] = []
                for name in outcome.submodels:
                    drivers += [*([nodes.Text(", ")] if drivers else []), code(name)]
                rows.append(
                    (code(outcome.id), label, f"{outcome.unit} ({outcome.kind})", drivers, ", ".join(marks))
                )
            headings = ("Outcome", "Definition", "Unit (kind)", "Driven by", "Shown")
            sections.append(
                section(title, slug("outcomes", group), table(headings, rows, (22, 40, 14, 12, 12)))
            )
        return sections


class SeriesReference(Generated):
    """All weekly series."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.quantities import SERIES

        rows = [(code(one.id), f"{one.label}. {one.definition}", one.unit) for one in SERIES.values()]
        return [table(("Series", "Definition", "Unit"), rows, (25, 55, 20))]


class ReferenceNumbers(Generated):
    """Published and closed-form numbers of the named submodels, with what the code gives for them."""

    required_arguments = 1
    final_argument_whitespace = True

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.world.reference_numbers import REFERENCE_NUMBERS

        rows = [
            (
                one.what,
                f"{one.published:,g}",
                f"{one.computed():,.6g}",
                f"{one.tolerance:g}",
                one.source,
            )
            for one in REFERENCE_NUMBERS
            if one.submodel in self.arguments[0].split()
        ]
        return [table(("Number", "Published", "Computed", "Tolerance", "Source"), rows, (40, 12, 12, 10, 26))]


# Commands ------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, Any]]:
    """Every registered command with its full name, such as `game solve`."""
    from importlib import import_module

    import typer.main

    def walk(prefix: str, command: Any) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", {})
        if prefix and (not inner or getattr(command, "invoke_without_command", False)):
            yield prefix, command
        for name, child in inner.items():
            if not child.hidden:
                yield from walk(f"{prefix} {name}".strip(), child)

    yield from walk("", typer.main.get_command(import_module("excomm.cli").app))


def _default(option: Any) -> str:
    value = option.default
    value = getattr(value, "value", value)
    if value is None or value is False or callable(value) or value in ((), [], "") or option.required:
        return ""
    return f" Default: `{value}`."


def _spelled(option: Any) -> str:
    """Names of an option, with what it takes."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag or not option.metavar else f"{names} {option.metavar}"


def command_nodes(name: str, command: Any) -> nodes.section:
    arguments, options = [], []
    for parameter in command.params:
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        (arguments if parameter.param_type_name == "argument" else options).append(parameter)
    words = []
    rows: list[Sequence[Cell]] = []
    for argument in arguments:
        shown = (argument.metavar or argument.name.upper()).strip("[]").removesuffix("...")
        shown += "…" if argument.nargs == -1 else ""
        words.append(shown if argument.required else f"[{shown}]")
        rows.append((code(shown), f"{argument.help or ''}{_default(argument)}"))
    for option in options:
        rows.append(
            (
                code(_spelled(option)),
                f"{option.help or ''}{_default(option)}",
            )
        )
    usage = " ".join(["excomm", name, *(["[OPTIONS]"] if options else []), *words])
    told = inspect.cleandoc(command.help or "").split("\f")[0].strip()
    content: list[nodes.Node] = [paragraph(" ".join(part.split())) for part in told.split("\n\n")]
    content.append(block(usage))
    if rows:
        content.append(table(("Argument or option", "Meaning"), rows, (30, 70)))
    return section(code(f"excomm {name}"), slug("excomm", name), *content)


class CommandReference(Generated):
    """Every command that is registered."""

    def content_nodes(self) -> list[nodes.Node]:
        return [command_nodes(name, command) for name, command in commands()]


# Errors, units -------------------------------------------------------------------------------------------------


class ErrorReference(Generated):
    """Every class of error with the exit code that it leads to."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm import errors

        rows: list[Sequence[Cell]] = []

        def walk(kind: type[Any], depth: int) -> None:
            told = (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")
            rows.append((code(kind.__name__), "—" if depth == 0 else str(kind.exit_code), told))
            for child in kind.__subclasses__():
                if child.__module__ == errors.__name__:
                    walk(child, depth + 1)

        walk(errors.ExCommError, 0)
        return [table(("Kind", "Exit code", "Meaning"), rows, (25, 12, 63))]


class UnitTable(Generated):
    """Units by dimension."""

    def content_nodes(self) -> list[nodes.Node]:
        from excomm.case.units_table import SCALES, TABLE

        groups: dict[str, list[str]] = {}
        for name, (dimension, _) in TABLE.items():
            groups.setdefault(dimension or "number", []).append(name)
        rows = [(dimension, ", ".join(names)) for dimension, names in groups.items()]
        rows.append(("scale words before a unit", ", ".join(SCALES)))
        return [table(("Dimension", "Units"), rows, (30, 70))]


# Python --------------------------------------------------------------------------------------------------------


class _Shown:
    """Text that stands in a signature as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _signature(thing: Any) -> str:
    """Signature as written; a default that would fill lines is shown as an ellipsis."""
    found = inspect.signature(thing)

    def spelled(annotation: Any) -> Any:
        return _Shown(annotation) if isinstance(annotation, str) else annotation

    parameters = []
    for parameter in found.parameters.values():
        shown = parameter.replace(annotation=spelled(parameter.annotation))
        if shown.default is not inspect.Parameter.empty and len(repr(shown.default)) > 30:
            shown = shown.replace(default=_Shown("..."))
        parameters.append(shown)
    return str(found.replace(parameters=parameters, return_annotation=spelled(found.return_annotation)))


def _own_members(kind: type[Any]) -> Iterator[tuple[str, str]]:
    """Public fields with their types, properties and methods with the first sentence on each."""
    fields = (
        {field.name: field.type for field in dataclasses.fields(kind)}
        if dataclasses.is_dataclass(kind)
        else {}
    )
    for name, annotation in fields.items():
        yield name, f"`{annotation if isinstance(annotation, str) else annotation.__name__}`"
    for name, member in vars(kind).items():
        if name.startswith("_") or name in fields:
            continue
        told = (inspect.getdoc(member) or "").split("\n\n")[0].replace("\n", " ")
        if inspect.isfunction(member):
            yield f"{name}{_signature(member)}".replace("(self, ", "(").replace("(self)", "()"), told
        elif isinstance(member, property):
            yield name, told


class PythonReference(Generated):
    """Every public name of the package."""

    def content_nodes(self) -> list[nodes.Node]:
        import excomm

        sections = []
        for name in excomm.__all__:
            if name.startswith("__"):
                continue
            thing = getattr(excomm, name)
            content: list[nodes.Node] = []
            if inspect.isclass(thing):
                head = f"excomm.{name}"
            else:
                head = f"excomm.{name}{_signature(thing)}" if callable(thing) else f"excomm.{name}"
            content.append(block(head, "python"))
            if told := inspect.getdoc(thing):
                content.append(nodes.literal_block(told, told, language="text", classes=["docstring"]))
            if inspect.isclass(thing):
                rows = [(code(member), told) for member, told in _own_members(thing)]
                if rows:
                    content.append(table(("Member", "Meaning"), rows, (45, 55)))
            sections.append(section(code(f"excomm.{name}"), slug("excomm", name), *content))
        return sections


# Pages ---------------------------------------------------------------------------------------------------------


class AllPages(TocTree):
    """A table of contents of a folder: the named pages in their order, then every other one by name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        folder = self.arguments.pop()
        named = [f"{folder}/{line.strip()}" for line in self.content if line.strip()]
        there = sorted(page for page in self.env.found_docs if page.startswith(f"{folder}/"))
        pages = named + [page for page in there if page not in named]
        self.content = StringList(pages, source=self.env.docname)
        return super().run()


DIRECTIVES = {
    "parameter-table": ParameterTable,
    "parameter-reference": ParameterReference,
    "grade-counts": GradeCounts,
    "outcome-reference": OutcomeReference,
    "series-reference": SeriesReference,
    "reference-numbers": ReferenceNumbers,
    "command-reference": CommandReference,
    "error-reference": ErrorReference,
    "unit-table": UnitTable,
    "all-pages": AllPages,
    "python-reference": PythonReference,
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
