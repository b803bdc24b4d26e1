"""Runs kikitori and the Python pipeline alternately on the same generated calls and prints one markdown table.

    python compare.py --python VENV/bin/python [--calls 9327] [--repetitions 5] [--input FILE] [--bench BENCH_OUTPUT] [--without-kikitori]

Seconds are medians of wall clock; memory is the largest resident set of any single process (of the peer's parent and
workers only the largest counts: in its favour).
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KIKITORI = HERE.parents[1] / "target/release/kikitori"

# Rows of the table: stages of the peer, and of kikitori's manifest by what their names begin with.
STAGES = [
    ("read, segment, redact, count, needs", ["read_segment_redact_needs", "term_matrix"], ["read", "segment", "redact", "analyse", "term", "need", "count_terms"]),
    ("themes", ["weights_lsa", "number_of_themes", "consensus", "describe_themes"], ["theme", "vector", "fit", "apply"]),
    ("tables", ["counts"], ["count", "table", "disclose", "stat"]),
    ("Parquet", ["parquet"], ["write", "publish", "parquet"]),
    ("loading libraries", ["import"], ["load", "dictionar", "model"]),
]


def timed(command, cwd):
    """Wall clock seconds, peak resident megabytes, processor seconds (with children) and standard output of a command."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err, cwd=cwd, env={**os.environ, "KIKITORI_KEY": "benchmark benchmark benchmark benchmark"})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            sys.exit(f"{command[0]} failed ({process.returncode}):\n{err.read()[-4000:]}")
        return seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, out.read()


def peer(python, calls, work, processes):
    out = work / "peer"
    shutil.rmtree(out, ignore_errors=True)
    seconds, megabytes, processor, text = timed([python, HERE / "pipeline.py", calls, out, "--processes", processes], work)
    report = json.loads(text.strip().splitlines()[-1])
    return seconds, max(megabytes, report["peak_rss_mb"]), report["stages"], processor


def kikitori(binary, calls, work, processes):
    out = work / "kikitori"
    shutil.rmtree(out, ignore_errors=True)
    seconds, megabytes, processor, _ = timed([binary, "run", "--input", calls, "--out", out, "--threads", processes], work)
    run = json.loads((out / "latest.json").read_text("utf-8"))["run"]
    stages = json.loads((out / run / "_manifest.json").read_text("utf-8")).get("stages", {})
    if isinstance(stages, list):
        stages = {stage["name"]: stage["seconds"] for stage in stages}
    return seconds, megabytes, stages, processor


def medians(runs):
    names = {name for run in runs for name in run[2]}
    stages = {name: statistics.median(run[2].get(name, 0) for run in runs) for name in names}
    middle = lambda i: statistics.median(run[i] for run in runs)
    return middle(0), middle(1), stages, middle(3)


def throughput(path):
    """MB/s per core of criterion's benches by name."""
    units, name, found = {"B": 1e-6, "KiB": 0.001024, "MiB": 1.048576, "GiB": 1073.741824}, "", {}
    for line in path.read_text("utf-8").splitlines():
        if match := re.match(r"(?:Benchmarking )?(\w+/\w+)", line):
            name = match[1].split("/")[1]
        if match := re.search(r"thrpt:\s*\[[\d.]+ \S+ ([\d.]+) (\w+)/s", line):
            found.setdefault(name, float(match[1]) * units[match[2]])
    return found


def table(title, ours, theirs, bench):
    number = lambda value, digits=2: "–" if value is None else f"{value:.{digits}f}"
    ratio = lambda a, b: f"{b / a:.1f}×" if a and b else "–"
    lines = [f"| {title} | kikitori | Python peer | ratio |", "|---|---:|---:|---:|"]
    row = lambda name, a, b, digits=2: lines.append(f"| {name} | {number(a, digits)} | {number(b, digits)} | {ratio(a, b)} |")
    row("**end to end, s (median)**", ours and ours[0], theirs[0])
    row("processor time, s", ours and ours[3], theirs[3])
    row("peak memory of the largest process, MB", ours and ours[1], theirs[1], 0)
    claimed = set()
    for name, peer_names, prefixes in STAGES:
        matching = [s for s in (ours[2] if ours else ()) if s not in claimed and any(s.startswith(p) for p in prefixes)]
        claimed.update(matching)
        own = sum(ours[2][s] for s in matching) if matching else None
        row(f"– {name}, s", own, sum(theirs[2].get(s, 0) for s in peer_names))
    rest = [s for s in (ours[2] if ours else ()) if s not in claimed]
    if rest:
        row(f"– {', '.join(sorted(rest))}, s", sum(ours[2][s] for s in rest), None)
    bare, full = bench.get("bare_lindera"), bench.get("segment_redact_count")
    if bare and full:
        lines.append(f"| segment-redact-count, MB/s per core (bare lindera: {bare:.1f}) | {full:.1f} | – | {full / bare:.2f} of bare |")
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--python", default=sys.executable)
    arguments.add_argument("--kikitori", type=pathlib.Path, default=KIKITORI)
    arguments.add_argument("--calls", type=int, default=9327)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--input", type=pathlib.Path, help="calls already generated")
    arguments.add_argument("--repetitions", type=int, default=5)
    arguments.add_argument("--processes", type=int, default=os.cpu_count())
    arguments.add_argument("--bench", type=pathlib.Path, help="output of cargo bench --bench stages")
    arguments.add_argument("--without-kikitori", action="store_true")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="kikitori-peers-") as work:
        work = pathlib.Path(work)
        calls = arguments.input and arguments.input.resolve()
        binary = arguments.kikitori.resolve()
        if calls is None:
            calls = work / "calls.jsonl"
            timed([binary, "sample", "--calls", arguments.calls, "--seed", arguments.seed, "--out", calls], work)
        with calls.open("rb") as file:
            count = sum(1 for _ in file)
        runs = {"kikitori": [], "peer": []}
        for repetition in range(arguments.repetitions):
            # Alternating, so that a busy minute hits both.
            if not arguments.without_kikitori:
                runs["kikitori"].append(kikitori(binary, calls, work, arguments.processes))
            runs["peer"].append(peer(arguments.python, calls, work, arguments.processes))
            spent = ", ".join(f"{name} {r[-1][0]:.2f} s" for name, r in runs.items() if r)
            print(f"{repetition + 1}/{arguments.repetitions}: {spent}", file=sys.stderr)
        title = f"{count:,} generated calls, {arguments.processes} cores"
        ours = medians(runs["kikitori"]) if runs["kikitori"] else None
        print(table(title, ours, medians(runs["peer"]), throughput(arguments.bench) if arguments.bench else {}))


if __name__ == "__main__":
    main()
