"""Agreement of a second reader with coded utterances: F1 and Cohen's kappa, per need domain and over all.

    python corpus-samples/agreement.py corpus-samples/gold/needs.heldout.jsonl corpus-samples/gold/needs.heldout.second.jsonl

The second file holds, per utterance with a need, {"id", "needs": [{"domain", "explicit"}]}; utterances that it leaves out have none.
"""

import json
import sys

DOMAINS = (
    "access diagnosis second_opinion treatment trial information symptom palliative emotion communication family money_work daily_life other"
).split()


def agreement(first, second):
    """F1 of `second` against `first`, and kappa (Cohen 1960)."""
    n = len(first)
    both = sum(a and b for a, b in zip(first, second))
    a, b = sum(first), sum(second)
    neither = n - a - b + both
    observed, expected = (both + neither) / n, (a * b + (n - a) * (n - b)) / n**2
    return 2 * both / max(1, a + b), (observed - expected) / (1 - expected) if expected < 1 else 0.0


def main():
    first, second = {}, {}
    for line in map(json.loads, open(sys.argv[1], encoding="utf-8")):
        if line["speaker"] != "counsellor":
            first[line["id"]] = {need["domain"]: need["explicit"] for need in line["needs"]}
    for line in map(json.loads, open(sys.argv[2], encoding="utf-8")):
        second[line["id"]] = {need["domain"]: need["explicit"] for need in line["needs"]}
    pairs = [(needs, second.get(name, {})) for name, needs in first.items()]
    columns = {"need": bool, "explicit": lambda needs: any(needs.values())}
    columns |= {domain: lambda needs, domain=domain: domain in needs for domain in DOMAINS}
    figures = {name: agreement([bool(has(a)) for a, _ in pairs], [bool(has(b)) for _, b in pairs]) for name, has in columns.items()}
    figures["domains (mean)"] = tuple(sum(figures[d][k] for d in DOMAINS) / len(DOMAINS) for k in (0, 1))
    for name, (f1, kappa) in figures.items():
        print(f"{name:15} F1 {f1:.3f}  kappa {kappa:.3f}")


if __name__ == "__main__":
    main()
