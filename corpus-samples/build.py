"""Builds the export files and the gold from the hand-written calls in source/.

    python3 corpus-samples/build.py          (needs openpyxl)

source/*.txt is the only place where a call is edited. From it come
  hotline/calls.csv   CP932, as a call log exports it
  hotline/calls.xlsx  the same
  hotline/calls.jsonl the same, with turns
  gold/themes.jsonl   themes per call (main one as `label`)
  gold/needs.*.jsonl  needs per utterance (domain, explicit or implicit)
  gold/redact.*.jsonl identifier spans per utterance (Unicode scalars, end exclusive)
Every third call is held out: `heldout` files are for measuring, never for writing dictionaries.
"""

import csv
import datetime
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).parent
FIELDS = "受付日時 拠点 記録種別 相談者区分 年代 性別 都道府県 疾患 病期 相談内容 転帰 相談方法 初回再来 相談時間".split()
KEYS = "received_at site record_type caller_kind age_band sex prefecture disease stage reason outcome channel visit minutes".split()
SPEAKERS = {"相談者": "caller", "相談員": "counsellor"}
MARK = re.compile(r"\[(\w+):([^\[\]]+)\]")


def parse_line(line):
    """A source line: text, need labels, identifier spans."""
    line, _, labels = line.partition(" ## ")
    text, spans = "", []
    last = 0
    for mark in MARK.finditer(line):
        text += line[last : mark.start()]
        if mark[1] != "public_facility":
            spans.append({"start": len(text), "end": len(text) + len(mark[2]), "type": mark[1]})
        text += mark[2]
        last = mark.end()
    text += line[last:]
    needs = [{"domain": label[:-1], "explicit": label[-1] == "+"} for label in labels.split()]
    return text, needs, spans


def parse_call(block):
    head, _, body = block.partition("\n---\n")
    lines = head.split("\n")
    fields = dict((part.strip() for part in line.split(":", 1)) for line in lines[1:])
    verbatim = fields["記録種別"] == "逐語"
    utterances = []
    for line in filter(str.strip, body.split("\n")):
        speaker = "unknown"
        if verbatim:
            prefix, _, line = line.partition("：")
            speaker = SPEAKERS[prefix]
        text, needs, spans = parse_line(line)
        shift = len(text) - len(text.lstrip())
        for span in spans:
            span["start"] -= shift
            span["end"] -= shift
        utterances.append({"speaker": speaker, "text": text.strip(), "needs": needs, "spans": spans})
    themes = [t.strip() for t in fields["主題"].split(",")]
    when = datetime.datetime.strptime(fields["受付日時"], "%Y/%m/%d %H:%M")
    return {"id": lines[0].strip(), "when": when, "fields": fields, "verbatim": verbatim, "themes": themes, "utterances": utterances}


def read_calls():
    calls = []
    for path in sorted((ROOT / "source").glob("*.txt")):
        blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)
        calls += [parse_call(block) for block in blocks if block.strip()]
    assert len({call["id"] for call in calls}) == len(calls), "an id occurs twice"
    return sorted(calls, key=lambda call: (call["when"], call["id"]))


def cell(call):
    """The text cell of a table: turns with their speakers, or the notes."""
    names = {v: k for k, v in SPEAKERS.items()}
    if call["verbatim"]:
        return "\n".join(f"{names[u['speaker']]}：{u['text']}" for u in call["utterances"])
    return "\n".join(u["text"] for u in call["utterances"])


def record(call):
    values = {key: call["fields"].get(field, "") for key, field in zip(KEYS, FIELDS)}
    values["received_at"] = call["when"].isoformat()
    values["reason"] = values["reason"].split("、")
    out = {"id": call["id"], **{k: v for k, v in values.items() if v}}
    if call["verbatim"]:
        out["turns"] = [{"speaker": u["speaker"], "text": u["text"]} for u in call["utterances"]]
    else:
        out["text"] = cell(call)
    return out


def write_jsonl(path, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_tables(calls):
    from openpyxl import Workbook

    rows = [["相談ID", *FIELDS, "相談記録"]]
    rows += [[call["id"], *(call["fields"].get(f, "") for f in FIELDS), cell(call)] for call in calls]
    with (ROOT / "hotline/calls.csv").open("w", encoding="cp932", newline="") as f:
        csv.writer(f).writerows(rows)
    book = Workbook()
    book.properties.created = book.properties.modified = datetime.datetime(2026, 4, 1)
    sheet = book.active
    sheet.title = "相談記録"
    for row in rows:
        sheet.append(row)
    book.save(ROOT / "hotline/calls.xlsx")


def main():
    calls = read_calls()
    write_jsonl(ROOT / "hotline/calls.jsonl", map(record, calls))
    write_tables(calls)
    gold = ROOT / "gold"
    texts = ({"label": call["themes"][0], "themes": call["themes"], **record(call)} for call in calls)
    write_jsonl(gold / "themes.jsonl", texts)
    for part, held_out in ("dev", False), ("heldout", True):
        some = [call for call in calls if (int(call["id"][1:]) % 3 == 0) == held_out]
        lines = [(call, i, u) for call in some for i, u in enumerate(call["utterances"])]
        kind = {True: "verbatim", False: "notes"}
        write_jsonl(gold / f"needs.{part}.jsonl", ({"id": f"{c['id']}#{i}", "record_type": kind[c["verbatim"]], "speaker": u["speaker"], "text": u["text"], "needs": u["needs"]} for c, i, u in lines))
        write_jsonl(gold / f"redact.{part}.jsonl", ({"id": f"{c['id']}#{i}", "text": u["text"], "spans": u["spans"]} for c, i, u in lines))
    print(f"{len(calls)} calls, {sum(len(c['utterances']) for c in calls)} utterances")


if __name__ == "__main__":
    main()
