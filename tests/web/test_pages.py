"""Every page answers, has a JSON twin, says what is wrong, and escapes what it shows."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from excomm.analysis.grounds import grounds
from excomm.case import load
from excomm.pipeline.stored import read_study
from excomm.pipeline.walk_back import explain
from excomm.storage import read_parquet, write_parquet
from excomm.web import ServerSettings, create_app
from excomm.web.catalogue import Catalogue
from excomm.web.workshop import Workshop

PAGES = [
    ("/", "/cases.json"),
    ("/about", "/about.json"),
    ("/jobs", "/jobs.json"),
    ("/cases/strait/explore", "/cases/strait/explore.json"),
    ("/cases/strait/compare", "/cases/strait/explore.json"),
    ("/cases/strait/audit", "/cases/strait/audit.json"),
    ("/cases/strait/runs", "/cases/strait/runs.json"),
    ("/cases/strait/evidence", "/cases/strait/evidence.json"),
    ("/cases/strait/timeline", "/cases/strait/timeline.json"),
    ("/runs/{run}", "/runs/{run}.json"),
    ("/runs/{run}/explain/area_change/intervention", "/runs/{run}/explain/area_change/intervention.json"),
]


@pytest.mark.parametrize(("page", "twin"), PAGES)
def test_every_page_has_a_json_twin_that_the_description_knows(
    client: Any, run_id: str, page: str, twin: str
) -> None:
    answer = client.get(page.replace("{run}", run_id))
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    if not twin.endswith("audit.json"):  # that one takes a text
        assert (
            client.get(twin.replace("{run}", run_id)).headers["content-type"].startswith("application/json")
        )
    described = client.get("/openapi.json").json()["paths"]
    patterns = [re.sub(r"\{[^}]+\}", "[^/]+", path) for path in described]
    assert any(re.fullmatch(pattern, twin.replace("{run}", run_id)) for pattern in patterns)


def test_pages_load_nothing_from_elsewhere(client: Any, run_id: str) -> None:
    for page, _ in PAGES:
        text = client.get(page.replace("{run}", run_id)).text
        assert not re.search(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", text)
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert " style=" not in text
        assert " onclick=" not in text


def test_figures_are_written_as_people_read_them(client: Any, run_id: str) -> None:
    for page in (f"/runs/{run_id}", f"/runs/{run_id}/explain/killed_adversary/intervention"):
        text = client.get(page).text
        assert re.search(r">[^<]*\d,\d{3}[^<]*<", text)
        assert not re.search(r">[^<]*\b\d(?:\.\d+)?e[+-]\d\d[^<]*<", text)


def test_an_unknown_thing_is_named_with_what_is_there(client: Any) -> None:
    answer = client.get("/cases/nowhere/explore.json")
    assert answer.status_code == 404
    assert "strait" in answer.json()["error"]["expected"]
    assert client.get("/runs/nothing").status_code == 404
    assert client.get("/runs/..%2F..%2Fetc").status_code == 404
    assert client.get("/nothing").status_code == 404


def test_a_case_without_a_run_offers_one(client: Any) -> None:
    text = client.get("/cases/cuba-1962/explore").text
    assert 'data-run="/cases/cuba-1962/runs.json"' in text


def test_the_exploration_holds_the_numbers_of_the_run(client: Any, runs: Path, run_id: str) -> None:
    content = client.get("/cases/strait/explore.json").json()
    assessment = json.loads((runs / run_id / "assessment.json").read_text())
    stored = {
        (cell["id"], option["id"]): cell for option in assessment["options"] for cell in option["outcomes"]
    }
    for row, outcome in enumerate(content["outcomes"]):
        for column, option in enumerate(content["options"]):
            cell = content["cells"][row][column]
            assert cell["mean"] == stored[outcome["id"], option["id"]]["mean"]
            assert len(cell["amounts"]) == 64
    assert 3 <= len(content["levers"]) <= 10


def test_the_walk_back_is_that_of_the_command(client: Any, runs: Path, run_id: str) -> None:
    twin = client.get(f"/runs/{run_id}/explain/killed_host/current-aid.json").json()
    study = read_study(runs / run_id)
    told = explain(study, "killed_host", "current-aid").to_json()
    assert twin == json.loads(
        json.dumps(told | {"propositions": grounds(study, "killed_host", "current-aid")})
    )
    propositions = twin["propositions"]
    fragment = client.get(f"/runs/{run_id}/explain/killed_host/current-aid", headers={"x-fragment": "1"}).text
    assert "<html" not in fragment
    for driver in twin["drivers"]:
        assert driver["parameter"] in fragment
    error = study.wording("killed_host").error(1.645 * twin["mcse"])
    assert error.endswith(" people")
    assert f"The mean is known to ± {error} (90%)" in fragment
    [ground] = propositions
    sentences = [claim["quote"] for claim in ground["claims"]]
    assert sentences
    assert all(sentence in unescape(fragment) for sentence in sentences)


def test_a_run_too_small_for_an_analysis_is_said_and_no_fault_of_the_server(
    settings: ServerSettings, client: Any, run_id: str
) -> None:
    folder = settings.out / run_id
    for name in ("outcomes", "parameters"):
        columns = read_parquet(folder / f"{name}.parquet")
        few = [at for at, draw in enumerate(columns["draw"]) if int(draw) < 7]
        write_parquet(
            folder / f"{name}.parquet", {key: np.asarray(values)[few] for key, values in columns.items()}
        )
    assessment = json.loads((folder / "assessment.json").read_text(encoding="utf-8"))
    (folder / "assessment.json").write_text(json.dumps(assessment | {"draws": 7}), encoding="utf-8")
    path = f"/runs/{run_id}/explain/killed_host/current-aid"
    twin, shown = client.get(f"{path}.json"), client.get(path)
    assert (twin.status_code, shown.status_code) == (422, 422)
    assert twin.json()["error"]["expected"] == "at least 13 draws"
    assert "7 draws are too few for 3 curve terms" in twin.json()["error"]["message"]
    assert "7 draws are too few for 3 curve terms" in shown.text
    assert "excomm assess CASE" in shown.text


def test_what_reports_have_to_do_with_a_number_follows_from_the_draws(
    client: Any, runs: Path, run_id: str
) -> None:
    """Mean where the proposition holds and where not; the draws in which it holds are those with troops."""
    parameters, outcomes = (
        read_parquet(runs / run_id / f"{name}.parquet") for name in ("parameters", "outcomes")
    )
    there = np.asarray([name == "intervention" for name in outcomes["option"]])
    holds = np.asarray(parameters["patron.troops_present"])[there] > 0
    values = np.asarray(outcomes["area_change"], dtype=float)[there]
    [ground] = client.get(f"/runs/{run_id}/explain/area_change/intervention.json").json()["propositions"]
    assert ground["holds"] == pytest.approx(values[holds].mean())
    assert ground["fails"] == pytest.approx(values[~holds].mean())
    spread = np.sqrt(sum(each.var(ddof=1) / len(each) for each in (values[holds], values[~holds])))
    assert ground["error"] == pytest.approx(1.645 * spread)
    assert ground["beyond_chance"] == (abs(ground["difference"]) > 2 * spread)
    for outcome in ("area_change", "killed_adversary", "cost_alliance", "killed_host"):
        path = f"/runs/{run_id}/explain/{outcome}/intervention"
        [ground] = client.get(f"{path}.json").json()["propositions"]
        assert ("no more than chance" in client.get(path).text) != ground["beyond_chance"]


def test_files_of_a_run_come_as_parquet_and_csv(client: Any, runs: Path, run_id: str) -> None:
    whole = client.get(f"/runs/{run_id}/files/outcomes.parquet")
    assert whole.content == (runs / run_id / "outcomes.parquet").read_bytes()
    rows = list(csv.DictReader(io.StringIO(client.get(f"/runs/{run_id}/files/outcomes.csv").text)))
    columns = read_parquet(runs / run_id / "outcomes.parquet")
    assert np.allclose([float(row["area_change"]) for row in rows], columns["area_change"], rtol=1e-5)
    assert [row["option"] for row in rows] == [str(name) for name in columns["option"]]
    assert client.get(f"/runs/{run_id}/files/secret.txt").status_code == 404


def test_the_brief_comes_under_its_own_policy(client: Any, runs: Path, run_id: str) -> None:
    answer = client.get(f"/runs/{run_id}/brief")
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "unsafe" not in policy
    inside = re.search(r"style-src ('sha256-[^']+')", unescape(answer.text))
    assert inside
    assert inside[1] in policy
    assert "attachment" in client.get(f"/runs/{run_id}/brief?download=1").headers["content-disposition"]


def test_the_case_file_comes_with_the_changes_and_is_valid(client: Any, tmp_path: Path) -> None:
    content = client.get("/cases/strait/explore.json").json()
    lever, view = content["levers"][0], content["perspectives"][0]
    asked = {
        f"set.{lever['id']}": str(lever["middle"]),
        f"w.{view['criteria'][0]['outcome']}": "0.5",
        "view": view["actor"],
    }
    assert "set by a reader" in client.get("/cases/strait/case.yaml", params=asked).text
    archive = zipfile.ZipFile(io.BytesIO(client.get("/cases/strait/case.zip", params=asked).content))
    archive.extractall(tmp_path)
    case = load(tmp_path / "strait")
    for option in lever["options"]:
        prior = case.parameter(lever["parameter"], option).prior
        assert prior.is_fixed
        assert prior.median == pytest.approx(lever["middle"], rel=1e-5)
    assert abs(case.perspective(view["actor"]).weights[view["criteria"][0]["outcome"]]) == 0.5
    assert client.get("/cases/strait/case.yaml", params={"set.nothing": "1"}).status_code == 422
    assert client.get("/cases/strait/case.yaml", params={f"set.{lever['id']}": "nan"}).status_code == 422


EDITORIAL = (
    "The League should send troops now. Southland is bluffing: it will not strike League territory. "
    "Casualties among League soldiers would be low. A nuclear exchange is almost impossible."
)


def test_an_editorial_is_audited_with_text_and_findings_side_by_side(
    client: Any, token: dict[str, str]
) -> None:
    shape = client.post("/cases/strait/audit.json", json={"text": EDITORIAL}, headers=token).json()
    assert len(shape["assertions"]) >= 3
    for one in shape["assertions"]:
        assert EDITORIAL[one["start"] : one["end"]] == one["quote"]
        verdicts = ("supported", "contradicted", "undecided", "sense unclear", "not modelled")
        assert one["verdict"] in verdicts
    page = client.post("/cases/strait/audit", json={"text": EDITORIAL}, headers=token)
    assert page.status_code == 200
    assert page.text.count('id="finding-') == len(shape["assertions"])
    hostile = client.post(
        "/cases/strait/audit", json={"text": EDITORIAL + " <script>alert(1)</script>"}, headers=token
    )
    assert "<script>" not in hostile.text
    assert client.post("/cases/strait/audit.json", json={"text": " "}, headers=token).status_code == 422
    assert (
        client.post("/cases/strait/audit.json", json={"text": "x" * 70_000}, headers=token).status_code == 422
    )
    name = load("strait").option(shape["conclusion"]["option"]).name
    assert f"Read as an argument for {name}, from “The League should send troops now" in page.text
    other = {"text": EDITORIAL, "conclusion": ["air-shield", "against"]}
    assert client.post("/cases/strait/audit.json", json=other, headers=token).json()["conclusion"]["named"]
    said = client.post("/cases/strait/audit", json=other, headers=token).text
    assert "You said that it argues against Air-defence shield; no sentence is read so." in said
    for conclusion in (["landing", "for"], ["air-shield", "perhaps"], ["air-shield"]):
        odd = {"text": EDITORIAL, "conclusion": conclusion}
        assert client.post("/cases/strait/audit.json", json=odd, headers=token).status_code == 422
    odd = {"text": EDITORIAL, "scale": "odd"}
    assert client.post("/cases/strait/audit.json", json=odd, headers=token).status_code == 422


@pytest.mark.parametrize("name", ["outcomes.parquet", "parameters.parquet"])
@pytest.mark.parametrize("kept", [0.0, 0.5, None])
def test_a_damaged_run_is_called_so(
    settings: ServerSettings, run_id: str, name: str, kept: float | None
) -> None:
    """A table cut short, emptied or gone: the message names it, and no page breaks."""
    from starlette.testclient import TestClient

    path = settings.out / run_id / name
    content = path.read_bytes()
    if kept is None:
        path.unlink()
    else:
        path.write_bytes(content[: int(kept * len(content))])
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8765") as client:
        answer = client.get("/cases/strait/explore.json")
        assert answer.status_code == 422
        assert f"{name} cannot be read" in answer.text
        for page in ("explore", "runs", "evidence", "timeline", "compare"):
            assert client.get(f"/cases/strait/{page}").status_code in (200, 422)


@pytest.mark.parametrize("warm", [False, True])
def test_a_damaged_run_keeps_no_server_from_its_start(
    settings: ServerSettings, run_id: str, warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception in the thread that prepares would be an error of this test."""
    (settings.out / run_id / "assessment.json").write_text("{")
    workshop = Workshop(replace(settings, warm=warm), Catalogue(("strait",), settings.out))
    asked: list[object] = []
    monkeypatch.setattr(workshop.jobs, "start", asked.extend)
    workshop.start()
    workshop._prepare(("strait",))
    assert asked == []
