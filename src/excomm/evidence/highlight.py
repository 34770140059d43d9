"""Reports with their claims marked, as one self-contained HTML page: everything escaped, no script, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from excomm.evidence.model import Claim, Report, interval_text

__all__ = ["reports_page"]

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#5b6470;--line:#d5dae0;--claim:#cfe3f7;
--opinion:#f6e0c0;--forecast:#e2d7f3;--background:transparent}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#15181c;--quiet:#9aa4b0;--line:#39414b;--claim:#1d4266;
--opinion:#5a3e14;--forecast:#41306b}}
body{font:1rem/1.55 system-ui,sans-serif;font-variant-numeric:tabular-nums;color:var(--ink);background:var(--paper);
max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2.2rem 0 .2rem;overflow-wrap:anywhere}
.meta,.slots,.key{color:var(--quiet);font-size:.85rem}
.text{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid var(--line);padding-left:.9rem}
mark{color:inherit;border-radius:2px;padding:0 .1em}
mark.claim{background:var(--claim);border-bottom:2px solid}
mark.opinion{background:var(--opinion);border-bottom:2px dotted}
mark.forecast{background:var(--forecast);border-bottom:2px dashed}mark.background{background:none}
sup{font-size:.7em;color:var(--quiet)}
ol{padding-left:1.6rem}li{margin:.5rem 0}.slots b{font-weight:600;color:var(--ink)}.why{font-style:italic}
@media print{body{max-width:none}h2{break-after:avoid}li{break-inside:avoid}}
"""


def reports_page(
    reports: Sequence[Report], claims: Mapping[str, Sequence[Claim]], *, title: str = "Reports read"
) -> str:
    """One HTML page. claims: report id -> its claims. The page's own policy forbids scripts and requests."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>",
        '<p class="key">Marked by kind: <mark class="claim">claim</mark>, <mark class="opinion">opinion</mark>, '
        '<mark class="forecast">forecast</mark>; background is not marked. Claims are proposals: none counts until '
        "it is accepted.</p>",
    ]
    for report in reports:
        parts.append(_report(report, claims.get(report.id, ())))
    parts.append("</body></html>\n")
    return "".join(parts)


def _report(report: Report, claims: Sequence[Claim]) -> str:
    about = [
        report.source or "unknown source (letter F)",
        report.published.isoformat() if report.published else "no date",
        report.genre,
        report.language,
        f"report {report.id}",
    ]
    notes = "".join(f'<p class="meta why">{escape(note)}</p>' for note in report.warnings)
    return (
        f"<section><h2>{escape(report.title or report.path or 'Untitled')}</h2>"
        f'<p class="meta">{escape(" · ".join(about))}</p>{notes}<div class="text">{_marked(report.text, claims)}</div>'
        f"<ol>{''.join(_item(claim) for claim in claims if claim.kind != 'background')}</ol></section>"
    )


def _marked(text: str, claims: Sequence[Claim]) -> str:
    parts, place, number = [], 0, 0
    for claim in sorted(claims, key=lambda each: (each.start, each.end)):
        if claim.start < place:
            continue
        parts.append(escape(text[place : claim.start]))
        note = ""
        if claim.kind != "background":
            number += 1
            note = f"<sup>{number}</sup>"
        parts.append(
            f'<mark class="{escape(claim.kind)}">{escape(text[claim.start : claim.end])}</mark>{note}'
        )
        place = claim.end
    parts.append(escape(text[place:]))
    return "".join(parts)


def _item(claim: Claim) -> str:
    slots: list[tuple[str, str]] = [("kind", claim.kind)]
    if claim.actor:
        slots.append(("actor", claim.actor))
    if claim.events:
        slots.append(("events", ", ".join(claim.event_types)))
    if claim.modality:
        slots.append(("modality", claim.modality))
    if claim.target:
        slots.append(("target", claim.target))
    slots += [("quantity", interval_text(each)) for each in claim.quantities]
    if claim.hedge:
        slots.append(
            (
                "doubt",
                f"{claim.hedge.cue} ({claim.hedge.low:.2g} to {claim.hedge.high:.2g}, {claim.hedge.scale})",
            )
        )
    if claim.condition:
        slots.append(("condition", claim.condition))
    if claim.attribution:
        chain = [
            f"{link.name or link.kind}{'' if link.named else ' (not named)'}" for link in claim.attribution
        ]
        slots.append(("said by", " → ".join(chain)))
    if claim.status:
        slots.append(("status", claim.status))
    if claim.proposition:
        sign = {1: "supports", -1: "opposes", None: "mentions"}[claim.polarity]
        slots.append((sign, claim.proposition + (f" / {claim.rival}" if claim.rival else "")))
    shown = " · ".join(f"<b>{escape(name)}</b> {escape(value)}" for name, value in slots)
    why = f'<br><span class="why">{escape("; ".join(claim.abstained))}</span>' if claim.abstained else ""
    return f'<li><span class="slots">{shown}{why}</span></li>'
