# ruff: noqa: E501
"""Broken, hostile and huge inputs for the readers, from a seed."""

from __future__ import annotations

import json
import random

from excomm.errors import ExCommError
from excomm.evidence import Report, extract, profile_of_case, reports_page
from excomm.evidence.reading import read_bytes

from .story import ACTORS, TROOPS

PROFILE = profile_of_case(ACTORS, (TROOPS,))
SEEDS: tuple[tuple[str, bytes], ...] = (
    (
        "a.txt",
        b"source: Harbour Times\npublished: 2031-02-03\n\nUp to 800,000 troops may be sent to Southland, officials said.",
    ),
    (
        "b.html",
        b"<!doctype html><html><head><title>T</title><meta property='article:published_time' content='2031-02-03'></head>"
        b"<body><nav>Home</nav><article><p>Eastmark has deployed 3,000 troops.</p><script>alert(1)</script></article></body></html>",
    ),
    (
        "c.xml",
        b"<?xml version='1.0'?><rss version='2.0'><channel><title>Wire</title><item><title>News</title>"
        b"<description>&lt;p&gt;Two jets crossed.&lt;/p&gt;</description><pubDate>Mon, 03 Feb 2031 10:00:00 GMT</pubDate></item></channel></rss>",
    ),
    ("d.jsonl", b'{"text": "Eastmark denied it.", "source": "Wire", "published": "2031-02-03"}\n'),
    ("e.txt", "Ліга може мобілізувати до 800 тисяч військових, пише Harbour Times.".encode()),
    ("f.txt", "Лига может мобилизовать до 800 тысяч военных.".encode("cp1251")),
    (
        "g.atom",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><entry><title>x</title><content type='html'>y</content></entry></feed>",
    ),
    (
        "h.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>",
    ),
)
SPICES: tuple[bytes, ...] = (
    b"<script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"javascript:alert(1)",
    b"]]>",
    b"<!--",
    b"-->",
    b"\x00\x01\x02",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"&#x110000;",
    b"&lt;script&gt;",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&a;",
    b"<" * 50,
    b">" * 50,
    "‮".encode(),
    "​".encode(),
    "İıﬃ".encode(),
    b"\r\r\n",
    b"{" * 40,
    b"[" * 40,
    b'"',
    b"'",
    b"\\u0000",
    b"9" * 60,
    b"1,2,3,4,5",
    b"-",
    b"%",
    b"up to up to up to ",
    b"not not not ",
    b"if ",
    b"<div>" * 30,
    b"</div>" * 30,
    b"published: 99999-99-99\n",
    b"genre: nonsense\n",
    b"2031-13-45",
    b"\xd0",
    b"\xf0\x9f\x92\xa9",
    b"https://127.0.0.1/",
    b"%PDF-",
    b"<rss>",
    b"<html>",
)


def mutate(random_: random.Random) -> tuple[str, bytes]:
    """One input: a seed with pieces cut, doubled, swapped or spiced, now and then under another name."""
    name, data = random_.choice(SEEDS)
    piece = bytearray(data)
    for _ in range(random_.randint(0, 8)):
        place = random_.randrange(len(piece) + 1)
        action = random_.randrange(5)
        if action == 0:
            piece[place:place] = random_.choice(SPICES)
        elif action == 1:
            del piece[place : place + random_.randint(1, 40)]
        elif action == 2:
            end = min(len(piece), place + random_.randint(1, 60))
            piece[place:place] = piece[place:end] * random_.randint(1, 4)
        elif action == 3 and piece:
            piece[place % len(piece)] = random_.randrange(256)
        else:
            piece[place:place] = random_.randbytes(random_.randint(1, 12))
    if random_.random() < 0.05:
        name = random_.choice(SEEDS)[0]
    return name, bytes(piece)


def hostile() -> list[tuple[str, bytes]]:
    """Inputs that try to exhaust time or memory."""
    long_word = b"a" * 2_000_000
    return [
        ("deep.html", b"<html><body>" + b"<div>" * 200_000 + b"x"),
        ("deep-table.html", b"<table><tr><td>" * 60_000 + b"x"),
        ("attributes.html", b"<p " + b"a='b' " * 300_000 + b">x</p>"),
        (
            "entities.xml",
            b"<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><rss><channel><title>&b;</title></channel></rss>",
        ),
        (
            "external.xml",
            b"<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss><channel><title>&a;</title></channel></rss>",
        ),
        ("nest.jsonl", b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("word.txt", long_word),
        ("commas.txt", b"1,000," * 200_000),
        ("numbers.txt", b"12 " * 300_000),
        ("upto.txt", b"up to " * 200_000),
        ("quotes.txt", b"\"'" * 500_000),
        ("dots.txt", b". " * 500_000),
        ("if.txt", b"if not said no " * 100_000),
        ("percent.txt", b"chance 10 % " * 100_000),
        ("binary.txt", bytes(range(256)) * 4000),
        ("tags.html", b"<" * 1_000_000),
        ("comment.html", b"<html><!--" * 100_000),
        ("feed.xml", b"<rss><channel>" + b"<item><title>x</title></item>" * 20_000),
        ("broken.pdf", b"%PDF-1.7\n" + b"1 0 obj << /Length 99999999 >> stream\n" * 2000),
        ("header.txt", b"source: x\n" * 100_000),
    ]


def attempt(name: str, data: bytes, *, render: bool = True) -> int:
    """Read, extract and render one input; only ExComm's own errors may come out. Returns the number of claims."""
    try:
        reports = read_bytes(data, name)
    except ExCommError:
        return 0
    claims = {report.id: extract(report, PROFILE) for report in reports[:3]}
    for report in reports[:3]:
        check_claims(report, claims[report.id])
    if render:
        check_page(reports_page(reports[:3], claims))
    return sum(len(each) for each in claims.values())


def check_claims(report: Report, claims: object) -> None:
    for claim in claims:  # type: ignore[attr-defined]
        assert claim.quote == report.text[claim.start : claim.end]
        json.dumps(claim.to_json())


def check_page(page: str) -> None:
    """No script, no handler, no address that would be asked for: all text of the reports is escaped."""
    import re

    tags = re.findall(r"<[^>]*>", page)
    allowed = re.compile(
        r"</?(?:!doctype html|html(?: lang=\"en\")?|head|body|meta [^<>]*|title|style|h1|h2|p(?: class=\"[a-z ]+\")?|div class=\"text\"|div"
        r"|section|ol|li|mark(?: class=\"[a-z]+\")?|sup|span(?: class=\"[a-z]+\")?|b|br)>"
    )
    for tag in tags:
        assert allowed.fullmatch(tag), tag
    assert "default-src 'none'" in page
    assert not re.search(r"<meta[^>]*(?:refresh|src=|href=)", page)
