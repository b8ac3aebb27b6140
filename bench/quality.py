"""How well `compare` judges real pages: measured on pairs that a person labelled, and on every pair without label.

    python bench/quality.py [FOLDER…] [--json] [--labelled-only] [--show PAIR]

A folder holds `labels.jsonl` and `pairs.jsonl`, with paths relative to it. Without one, `CLAIMWATCH_REAL_PAGES` is
used, or `../shared/pages` beside the repository. Exit code 2 where there is none or it holds no pair, 1 where something crashed or was not
deterministic, else 0.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring import VERDICTS, Outcome, summarise
from selectolax.lexbor import LexborHTMLParser

from domain.comparison import BlockChange, Significance
from monitor.diff import compare_bodies
from monitor.diff.words import tokens, worded

TYPES = {".md": "text/markdown", ".csv": "text/csv", ".txt": "text/plain"}
"""Types that bytes alone do not tell, by extension, as `claimwatch compare` does; everything else is sniffed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One pair to compare."""

    folder: str
    pair: dict[str, Any]
    labelled: bool


def main() -> int:
    """The exit code; prints the report."""
    arguments = _arguments()
    folders = [_folder(Path(given)) for given in arguments.folders] or _default_folders()
    if not folders:
        print("no folder of labelled pages: give one, or set CLAIMWATCH_REAL_PAGES", file=sys.stderr)
        return 2
    jobs = [job for folder in folders for job in _jobs(folder)]
    if arguments.labelled_only:
        jobs = [job for job in jobs if job.labelled]
    if arguments.show:
        jobs = [job for job in jobs if arguments.show in job.pair["pair_id"]]
    if not jobs:
        print(f"no pairs in {', '.join(map(str, folders))}: nothing was measured", file=sys.stderr)
        return 2
    with ProcessPoolExecutor(max_workers=min(arguments.workers, os.cpu_count() or 1)) as pool:
        outcomes = list(pool.map(measure, jobs, chunksize=4))
    report = summarise(outcomes)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _print(report)
    if arguments.show:
        _show(outcomes)
    return 1 if report["robust"]["problems"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument("--labelled-only", action="store_true", help="leave out the pairs without label")
    parser.add_argument("--show", metavar="PAIR", help="only pairs whose id holds this; print every block change")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def _default_folders() -> list[Path]:
    given = os.environ.get("CLAIMWATCH_REAL_PAGES")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "pages"
    return [folder] if (folder / "labels.jsonl").is_file() else []


def _folder(given: Path) -> Path:
    """The folder given, or that of the labels given."""
    return given.parent if given.is_file() else given


def _jobs(folder: Path) -> list[Job]:
    labels = _lines(folder / "labels.jsonl")
    known = {label["pair_id"] for label in labels}
    pairs = [pair for pair in _lines(folder / "pairs.jsonl") if pair["pair_id"] not in known]
    return [Job(folder=str(folder), pair=pair, labelled=True) for pair in labels] + [
        Job(folder=str(folder), pair=pair, labelled=False) for pair in pairs
    ]


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(job: Job) -> Outcome:
    """Compare one pair twice, each side with itself, and by the plain alternatives."""
    folder = Path(job.folder)
    before, after = (folder / job.pair["old"]).read_bytes(), (folder / job.pair["new"]).read_bytes()
    url = job.pair.get("url") or ""
    kind = TYPES.get(Path(job.pair["new"]).suffix)
    problems: list[str] = []
    started = time.process_time()
    comparison = compare_bodies(before, after, url=url, content_type=kind)
    seconds = time.process_time() - started
    if compare_bodies(before, after, url=url, content_type=kind) != comparison:
        problems.append("not deterministic")
    for side in (before, after):
        itself = compare_bodies(side, bytes(bytearray(side)), url=url, content_type=kind)
        if itself.verdict.value != "same":
            problems.append(f"a side compared with itself is {itself.verdict.value}")
    if "failed" in comparison.reason or "reader failed" in comparison.reason:
        problems.append(comparison.reason)
    visible = [block for block in comparison.blocks if block.significance is not Significance.NOISE]
    values = [str(value) for value in job.pair.get("changed_values", []) if "unchanged" not in str(value)]
    return Outcome(
        pair=job.pair,
        labelled=job.labelled,
        verdict=comparison.verdict.value,
        reason=comparison.reason,
        seconds=seconds,
        bytes=len(before) + len(after),
        problems=tuple(problems),
        raw_text=_text(before, main=False) != _text(after, main=False),
        main_text=_text(before, main=True) != _text(after, main=True),
        found={value: _reported(value, visible, values_only=False) for value in values},
        named={value: _reported(value, visible, values_only=True) for value in values},
        blocks=tuple(_block(block) for block in comparison.blocks),
    )


def _block(block: BlockChange) -> dict[str, Any]:
    return {
        "op": block.op.value,
        "kind": block.kind.value,
        "significance": block.significance.value,
        "because": block.because,
        "path": list(block.path),
        "before": block.before,
        "after": block.after,
        "values": [[value.kind, value.before, value.after] for value in block.values],
    }


def _text(body: bytes, *, main: bool) -> str:
    """What a plain text differ sees: all text of the body, or the text of its main part."""
    text = body.decode("utf-8", "replace")
    if "<html" not in text[:3000].lower() and "<body" not in text.lower():
        return (
            " ".join(re.sub(r"<[^>]*>", " ", text).split()) if text.lstrip().startswith("<") else " ".join(text.split())
        )
    tree = LexborHTMLParser(text)
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    part = (tree.css_first("main") or tree.css_first("[role=main]") or tree.body) if main else tree.body
    return " ".join(part.text(separator=" ").split()) if part is not None else ""


def _reported(value: str, blocks: Iterable[BlockChange], *, values_only: bool) -> bool:
    """Whether one reported change holds the labelled value: its old words before, its new words after."""
    old, arrow, new = value.partition("→")
    sign = value[:1] if value[:1] in "+-−" and not arrow else ""
    for block in blocks:
        if values_only:
            before = " ".join(v.before or "" for v in block.values)
            after = " ".join(v.after or "" for v in block.values)
        else:
            place = " ".join((*block.path, block.locator))
            before, after = f"{block.before or ''} {place}", f"{block.after or ''} {place}"
        if arrow:
            hit = _holds(before, old) and _holds(after, new)
        elif sign:
            hit = _holds(after if sign == "+" else before, value[1:])
        else:
            hit = _holds(f"{before} {after}", value)
        if hit:
            return True
    return False


def _holds(text: str, words: str) -> bool:
    """Whether the text holds a labelled value. Labels are shorthand ("334 @805"): their figures decide, if any."""
    wanted = set(tokens(words.replace("@", " ").replace("#", " ")))
    figures = {token for token in wanted if any(c.isdigit() for c in token)}
    return (figures or wanted) <= set(tokens(text)) or worded(words) in worded(text)


def _print(report: dict[str, Any]) -> None:
    print(f"{report['labelled']} labelled pairs, {report['left_out']} left out (cannot be told from two files)\n")
    print(f"{'expected':>12} | " + " | ".join(f"{verdict:>11}" for verdict in VERDICTS))
    for label, row in report["matrix"].items():
        print(f"{label:>12} | " + " | ".join(f"{row[verdict]:>11}" for verdict in VERDICTS))
    print("\nsubstantive or not                precision   recall  missed  false")
    rows = {
        "claimwatch": report["score"],
        "  high confidence only": report["score_high_confidence"],
        **report["alternatives"],
    }
    for name, score in rows.items():
        print(
            f"  {name:<30} {score['precision']:>9.3f} {score['recall']:>8.3f} {score['missed']:>7} {score['false']:>6}"
        )
    for name in ("noise_called_substantive", "no_page_told", "page_not_told"):
        rate = report[name]
        print(f"{name.replace('_', ' ')}: {rate['count']} of {rate['of']} ({rate['rate']:.1%})")
    print("\nlabelled values              in a reported block   among its values")
    for kind, rates in report["values"].items():
        blocks, values = rates["in_blocks"], rates["in_values"]
        print(f"  {kind:<24} {blocks['count']:>8} of {blocks['of']:<8} {values['count']:>8} of {values['of']}")
    for title, key in (("misses", "misses"), ("right on substantive or not, other grade", "softer")):
        print(f"\n{title}: {len(report[key])}")
        for miss in report[key]:
            _print_miss(miss, whole=key == "misses")
    robust = report["robust"]
    cpu = robust["cpu_seconds"]
    print(f"\n{robust['pairs']} pairs run; verdicts of the unlabelled: {robust['verdicts']}")
    print(
        f"CPU seconds a pair: median {cpu['median']:.3f}, p95 {cpu['p95']:.3f}, max {cpu['max']:.3f} ({cpu['slowest']})"
    )
    print(f"problems (crash, not deterministic, not `same` with itself): {len(robust['problems'])}")
    for problem in robust["problems"]:
        print(f"  {problem['pair_id']}: {problem['problem']}")


def _print_miss(miss: dict[str, Any], *, whole: bool) -> None:
    print(f"  {miss['pair_id']}: expected {miss['expected']} ({miss['confidence']}), got {miss['got']}")
    print(f"      we say: {miss['our_reason']}")
    if whole:
        print(f"      label: {miss['label_reason']}")
        for block in miss["first_blocks"]:
            print(f"      {block['op']} [{block['because']}] {_short(block['before'])} → {_short(block['after'])}")


def _short(text: str | None) -> str:
    return "∅" if text is None else repr(text if len(text) <= 160 else text[:160] + "…")


def _show(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        print(f"\n== {outcome.pair['pair_id']}: {outcome.verdict} ({outcome.reason})")
        for block in outcome.blocks:
            place = " > ".join(block["path"][-2:])
            print(f"  {block['significance']:<11} {block['op']:<8} {block['kind']:<9} [{block['because']}] {place}")
            print(f"      - {block['before']}\n      + {block['after']}\n      {block['values']}")


if __name__ == "__main__":
    sys.exit(main())
