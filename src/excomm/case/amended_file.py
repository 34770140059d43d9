"""A case file with changes written into its text: everything else, comments included, stays as its author wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from excomm.case.amendments import Setting
from excomm.case.distributions import spell_number
from excomm.case.model import Case
from excomm.errors import UsageError

__all__ = ["amended_text"]

_SOURCE = "judgement; set by a reader to question the model"


@dataclass(frozen=True)
class _Edit:
    """Text to stand at [start, end) instead of what stands there."""

    start: int
    end: int
    text: str


def _entry(mapping: Any, key: str) -> Any:
    """(key node, value node) of a mapping node, or None."""
    return next((pair for pair in mapping.value if pair[0].value == key), None)


def _value_end(text: str, node: Any) -> int:
    """End of a value's own text: block nodes of YAML reach over the blank lines and comments that follow."""
    end = int(node.end_mark.index)
    while True:
        kept = text[node.start_mark.index : end].rstrip()
        line = kept.rpartition("\n")[2]
        if line.lstrip().startswith("#"):
            end = node.start_mark.index + len(kept) - len(line)
            continue
        return int(node.start_mark.index) + len(kept)


def _stated(case: Case, setting: Setting) -> str:
    unit = case.parameter(setting.parameter, setting.options[0] if setting.options else None).unit
    return f'{{prior: {spell_number(setting.value)} {unit}, source: "{_SOURCE}"}}'


def _set(
    text: str, mapping: Any, key: str, value: str, edits: list[_Edit], added: dict[int, list[str]]
) -> None:
    """Set a key of a mapping node: replace its value, or note it as to be added."""
    pair = _entry(mapping, key)
    if pair is not None:
        edits.append(_Edit(pair[1].start_mark.index, _value_end(text, pair[1]), value))
    else:
        added.setdefault(id(mapping), []).append(f"{key}: {value}")


def _additions(mapping: Any, lines: Sequence[str]) -> _Edit:
    """New keys at the beginning of a mapping, in the style in which it is written."""
    start = int(mapping.start_mark.index)
    if mapping.flow_style:
        tail = ", " if mapping.value else ""
        return _Edit(start + 1, start + 1, ", ".join(lines) + tail)
    indent = " " * int(mapping.start_mark.column)
    return _Edit(start, start, "".join(f"{line}\n{indent}" for line in lines))


def amended_text(
    text: str,
    case: Case,
    settings: Sequence[Setting] = (),
    *,
    weights: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """The text of `case.yaml` with parameters fixed under the named options and value weights replaced.

    A setting that holds for every option that does not state the parameter itself goes to `parameters`, others to
    the `set` of their options. The result is a valid case file where the text is the one that `case` was read from.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise UsageError("this is no case file", expected="the text of case.yaml")
    edits: list[_Edit] = []
    added: dict[int, list[str]] = {}
    places: dict[int, Any] = {}

    def into(mapping: Any, key: str, value: str) -> None:
        places[id(mapping)] = mapping
        _set(text, mapping, key, value, edits, added)

    options = {str(_entry(each, "id")[1].value): each for each in _entry(root, "options")[1].value}
    for setting in settings:
        stated = _stated(case, setting)
        plain = {option.id for option in case.options if setting.parameter not in option.parameters}
        if set(setting.options) >= plain and plain:
            parameters = _entry(root, "parameters")
            if parameters is None:
                places[id(root)] = root
                added.setdefault(id(root), []).append(f"parameters:\n  {setting.parameter}: {stated}")
            else:
                into(parameters[1], setting.parameter, stated)
            rest = [name for name in setting.options if name not in plain]
        else:
            rest = list(setting.options)
        for name in rest:
            patch = _entry(options[name], "set")
            if patch is None:
                into(options[name], "set", f"{{{setting.parameter}: {stated}}}")
            else:
                into(patch[1], setting.parameter, stated)
    for actor, stated_weights in (weights or {}).items():
        views = _entry(root, "perspectives")
        for view in views[1].value if views else ():
            if _entry(view, "actor")[1].value == actor:
                spelled = ", ".join(
                    f"{name}: {spell_number(value)}" for name, value in stated_weights.items()
                )
                into(view, "weights", f"{{{spelled}}}")
                into(view, "source", f'"{_SOURCE}"')
    edits += [_additions(places[key], lines) for key, lines in added.items()]
    for edit in sorted(edits, key=lambda each: -each.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
