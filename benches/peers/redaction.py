"""Presidio with GiNZA beside `kikitori eval redact`, on the same gold lines: recall, precision and seconds in one table.

    python benches/peers/redaction.py target/release/kikitori corpus-samples/gold/redact.heldout.jsonl …

A marked span is found when found spans of any type cover it; a found span is right when it overlaps a marked one: the figures over all
types of `eval redact`. Presidio gets GiNZA's entities for persons, places and organisations, and its own recognisers of numbers, mail
addresses and web pages, which know no Japanese; Japanese telephone numbers by its phone recogniser for the region JP.
"""

import json
import subprocess
import sys
import time

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.predefined_recognizers import EmailRecognizer, PhoneRecognizer, SpacyRecognizer, UrlRecognizer

ENTITIES = ["PERSON", "LOCATION", "ORGANIZATION", "DATE_TIME", "PHONE_NUMBER", "EMAIL_ADDRESS", "URL"]


def engine():
    nlp = NlpEngineProvider(nlp_configuration={
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "ja", "model_name": "ja_ginza"}],
        "ner_model_configuration": {
            "model_to_presidio_entity_mapping": {
                "Person": "PERSON", "City": "LOCATION", "Province": "LOCATION", "Country": "LOCATION", "GPE_Other": "LOCATION",
                "Location": "LOCATION", "Address": "LOCATION", "Postal_Address": "LOCATION", "Company": "ORGANIZATION",
                "Corporation_Other": "ORGANIZATION", "School": "ORGANIZATION", "Facility_Other": "ORGANIZATION", "GOE_Other": "ORGANIZATION",
                "Research_Institute": "ORGANIZATION", "Show_Organization": "ORGANIZATION", "Organization_Other": "ORGANIZATION",
                "Date": "DATE_TIME", "Phone_Number": "PHONE_NUMBER", "Email": "EMAIL_ADDRESS", "URL": "URL", "Age": "DATE_TIME",
            },
            "low_confidence_score_multiplier": 1.0,
            "low_score_entity_names": [],
            "labels_to_ignore": [],
        },
    }).create_engine()
    registry = RecognizerRegistry(supported_languages=["ja"])
    for recogniser in (
        SpacyRecognizer(supported_language="ja", supported_entities=ENTITIES, ner_strength=0.85),
        PhoneRecognizer(supported_language="ja", supported_regions=["JP"]),
        EmailRecognizer(supported_language="ja"),
        UrlRecognizer(supported_language="ja"),
    ):
        registry.add_recognizer(recogniser)
    return AnalyzerEngine(nlp_engine=nlp, registry=registry, supported_languages=["ja"])


def covered(span, found):
    at = span["start"]
    for start, end in sorted(found):
        if start <= at < end:
            at = end
    return at >= span["end"]


def presidio(analyser, lines):
    marked = hit = found = right = 0
    begin = time.perf_counter()
    spans = [[(r.start, r.end) for r in analyser.analyze(line["text"], language="ja", entities=ENTITIES)] for line in lines]
    seconds = time.perf_counter() - begin
    for line, own in zip(lines, spans):
        marked += len(line["spans"])
        hit += sum(covered(span, own) for span in line["spans"])
        found += len(own)
        right += sum(any(start < span["end"] and span["start"] < end for span in line["spans"]) for start, end in own)
    return hit / marked, right / max(1, found), seconds


def kikitori(binary, path):
    begin = time.perf_counter()
    output = subprocess.run([binary, "eval", "redact", path, "--json"], check=True, capture_output=True).stdout
    figures = json.loads(output)
    return figures["recall"], figures["precision"], time.perf_counter() - begin


def main():
    binary, *paths = sys.argv[1:]
    analyser = engine()
    analyser.analyze("準備です。", language="ja", entities=ENTITIES)
    print("| gold | lines | kikitori recall | precision | s | Presidio + GiNZA recall | precision | s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for path in paths:
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        own, peer = kikitori(binary, path), presidio(analyser, lines)
        figures = " | ".join(f"{recall:.3f} | {precision:.3f} | {seconds:.1f}" for recall, precision, seconds in (own, peer))
        print(f"| {path.rsplit('/', 1)[-1]} | {len(lines)} | {figures} |")


if __name__ == "__main__":
    main()
