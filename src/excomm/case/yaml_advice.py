"""What to do where a text is not YAML: the mistakes that people make, told by the line on which the reader stumbles."""

from __future__ import annotations

import re

__all__ = ["advise", "advise_on_comma", "spell_in_braces"]

_KEY = r"[\w.-]+"
_LONGEST = 1000  # characters of a line that a person has written
_OTHERWISE = "Look here and at the line before: often a colon, a quote or an indent is missing."


def advise(text: str, line: int, *, doing: str, opened: int) -> str:
    """The next step for a text that the reader of YAML refuses.

    `line` [from 1] is where it stumbles; `doing` is what it was doing, in its own words, since the line `opened`.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    here, first = (lines[min(number, len(lines)) - 1] for number in (line, opened))
    if max(len(here), len(first)) > _LONGEST:
        return _OTHERWISE
    if re.match(r"\s*\t", here):
        return "Indent with spaces: there is a tab at the start of this line."
    if "flow" in doing:
        return _advise_on_braces(first, opened)
    if "quoted" in doing:
        return f"Close the quote that opens in line {opened}."
    if "simple key" in doing:
        return f"Write a colon after the key in line {opened}, or indent the rest of a longer text."
    if found := re.match(rf"\s*(?:- +)?({_KEY}): *([@`%&*!|>].*)", here):
        return f"A text that starts with {found[2][0]} needs quotes: `{found[1]}: {_quoted(_value(here))}`."
    if found := re.match(rf"\s*(?:- +)?({_KEY})\s+[{{\[]", here):
        return f"Write a colon after the key: `{found[1]}: …`."
    if found := re.match(rf"\s*(?:- +)?({_KEY}):(?=[^\s])", here):
        return f"Write a space after the colon: `{found[1]}: …`."
    if found := re.match(rf"\s*(?:- +)?({_KEY}):\s+(['\"])(.*)\2\s*[^\s#]", here):
        return f"Put the whole text in quotes of the other kind: `{found[1]}: {_quoted(_value(here))}`."
    if found := re.match(rf"\s*(?:- +)?({_KEY}): +(?!['\"{{\[])[^#]*:\s", here):
        return f"A text with a colon inside needs quotes: `{found[1]}: {_quoted(_value(here))}`."
    if indented := _other_indent(lines[: line - 1], here):
        return indented
    return _OTHERWISE


def advise_on_comma(value: str, whole: str) -> str:
    """The next step where a comma inside braces has ended a value too early: `value` of the text `whole`."""
    if _without_thousands(whole) != whole:
        return f"Write numbers without commas: `{spell_in_braces(whole)}`."
    return f"Put the text in quotes: {_quoted(whole)}." if value else "Give each key a value: `key: value`."


def spell_in_braces(text: str) -> str:
    """A text as it can stand inside braces: numbers without commas, and quotes around what would end it there."""
    text = _without_thousands(text)
    return _quoted(text) if re.search(r"[,{}\[\]]|: ", text) else text


def _without_thousands(text: str) -> str:
    # In triangular(8,120,300) the commas part the numbers: nothing else does.
    if "(" in text and ", " not in text:
        return text
    return re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", text)


def _advise_on_braces(first: str, opened: int) -> str:
    """A mapping in braces, or a list in brackets, that begins on the line `first`."""
    start = first[min(place for place in (first.find("{"), first.find("["), len(first)) if place >= 0) :]
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", start)
    pairs = (("{", "}"), ("[", "]"))
    for opening, closing in pairs:
        if bare.count(opening) > bare.count(closing):
            return f"Close what `{opening}` opens in line {opened}: write `{closing}` at its end."
    entry = rf"({_KEY}): ((?:\([^()]*\)|[^(){{}}\[\]\"'])*?)(?=, {_KEY}: |[}}\]])"
    for key, value in re.findall(entry, start):
        if ";" in value:
            return "Separate the entries by commas, not by semicolons."
        if ": " in value:
            return f"A text with a colon inside needs quotes: `{key}: {_quoted(value)}`."
    return f"Look at line {opened}: often a comma, a quote or a bracket is missing."


def _other_indent(above: list[str], here: str) -> str:
    """Whether the line starts in another column than the one above it that says something."""
    before = next((each for each in reversed(above) if each.strip() and each.lstrip()[0] != "#"), "")
    if not (here.strip() and before.strip()):
        return ""
    if found := re.match(rf"({_KEY}):\s+(\{{\}}|\[\])", before.strip()):
        return f"Delete the {found[2]} after `{found[1]}:` above: it says that nothing follows."
    columns = [len(each) - len(each.lstrip(" ")) for each in (before, here)]
    if columns[0] == columns[1]:
        return ""
    return (
        f"Start it in the column of the lines that it belongs to: it has {columns[1]} spaces before it, the line "
        f"above {columns[0]}."
    )


def _value(line: str) -> str:
    return re.sub(r"\s+#.*$", "", line.partition(":")[2]).strip()


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text and "'" not in text else '"{}"'.format(text.replace('"', "'"))
