"""Languages: which one a text is in, which are read, and how to say that one is not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from excomm.evidence.lexicon import LANGUAGES

__all__ = ["detect_language", "language_code", "language_name", "unread_language"]

_NAMES = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech",
    "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "hy": "Armenian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_LONGER = {"eng": "en", "ukr": "uk", "rus": "ru", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es",
           "ua": "uk", "wuu": "zh", "yue": "zh", "arz": "ar", "ary": "ar", "nn": "no", "nb": "no"}  # fmt: skip
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "the of and that with from has have had said would been which this their are were by not at it on as for to in "
        "is was be will or its they he she his her who but",
    )
)
# Share of common words from which a text is English without asking the classifier, which takes 0.6 s to load; "the"
# keeps out languages that share some of the others (judgement).
_ENGLISH, _THE = 0.2, 0.03
# Probability from which another language is believed. None of 902 test sentences in the three languages that are read
# was taken for another one even at 0.5; short French and Spanish ones get 0.67.
_SURE = 0.6
# Letters below which a text of Latin letters is taken for English, and one of Cyrillic for uk or ru (judgement).
_FEW = 40


def language_code(value: str | None) -> str | None:
    """Code of a language that a header names (`fr`, `fr-FR`, `fra`, `French`); None where it names none."""
    text = re.split(r"[-_ ,;(]", (value or "").strip().lower(), maxsplit=1)[0]
    if not text:
        return None
    named = {name.lower(): code for code, name in _NAMES.items()}
    return named.get(text) or _LONGER.get(text) or (text if re.fullmatch(r"[a-z]{2,3}", text) else None)


def language_name(code: str) -> str:
    """A language by its English name; one without a name here by its code."""
    return _NAMES.get(code, f"The language “{code}”")


def unread_language(code: str) -> str | None:
    """What to say of a report in a language that is not read; None for one that is."""
    if code in LANGUAGES:
        return None
    supported = ", ".join(_NAMES[each] for each in LANGUAGES)
    return f"{language_name(code)} is not read (supported: {supported}); no claim is taken from this report"


def detect_language(text: str) -> str:
    """Code of the language of a text: en, uk, ru, or another one (`und` for none known).

    Cheap signs come first: common English words, then the letters that only one of uk and ru has. Another language
    is believed where the classifier is sure of it, or where the letters are neither Latin nor Cyrillic.
    """
    sample = text[:3000]
    cyrillic = len(re.findall(r"[\u0400-\u04ff]", sample))
    latin = len(re.findall(r"[A-Za-z\u00c0-\u024f]", sample))
    other = sum(each.isalpha() for each in sample) - cyrillic - latin
    if other > cyrillic + latin:
        return language_code(str(_classify(sample)[0])) or "und"
    if cyrillic <= 0.25 * latin:
        return "en" if latin < _FEW or _is_english(sample) else _believed(sample, "en")
    ukrainian = len(re.findall(r"[іїєґІЇЄҐ]", sample))
    russian = len(re.findall(r"[ыэёЫЭЁ]", sample))
    if max(ukrainian, russian) >= 3 and min(ukrainian, russian) * 4 <= max(ukrainian, russian):
        return "uk" if ukrainian > russian else "ru"
    guess = str(_classify(sample, only=True)[0])
    if guess == "en":
        guess = "uk" if ukrainian > russian else "ru"
    return guess if cyrillic < _FEW else _believed(sample, guess)


def _is_english(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return (
        words.count("the") >= _THE * len(words)
        and sum(word in _COMMON for word in words) >= _ENGLISH * len(words) > 0
    )


def _believed(text: str, otherwise: str) -> str:
    """The language that the classifier is sure of where it is one that is not read, else `otherwise`."""
    guess, probability = _classify(text)
    code = language_code(str(guess)) or "und"
    return code if code not in LANGUAGES and float(probability) >= _SURE else otherwise


def _classify(text: str, *, only: bool = False) -> tuple[str, float]:
    identifier = _identifier(only)
    return ("en", 0.0) if identifier is None else identifier.classify(text)


@lru_cache(maxsize=2)
def _identifier(only: bool) -> Any:
    """The classifier, of all its languages or `only` of those that are read."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    for maker in ("from_model_file", "from_pickled_model"):
        build = getattr(LanguageIdentifier, maker, None)
        if build is not None:
            identifier = build(MODEL_FILE, norm_probs=True)
            if only:
                identifier.set_languages(list(LANGUAGES))
            return identifier
    return None
