"""Makes the fixtures of this folder with the reference implementation: python make.py (needs model2vec, 0.10.0 was used).

model2vec/  Model2Vec: a Unigram tokenizer, float16 vectors that tokens share, weights, normalised
static/     Sentence Transformers' StaticEmbedding: a WordLevel tokenizer, float32 vectors, a Normalize module
expected.json  what Model2Vec's `StaticModel.encode` makes of some texts; of models/chive-small the first eight numbers
"""

import json
import shutil
from pathlib import Path

import numpy as np
from model2vec import StaticModel
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import Unigram, WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
TEXTS = [
    "脂肪 肉腫 の 転移 が 不安",
    "脂肪肉腫の転移が不安",
    "転移",
    "不安 不安 不安 転移",
    "未知 の 語",
    "未知",
    "",
    "セカンドオピニオン を 受ける " * 200,
]


def rounded(vectors: np.ndarray) -> list[list[float]]:
    return [[round(float(v), 7) for v in row] for row in vectors]


def main() -> None:
    rng = np.random.default_rng(4)
    expected = {}

    words = ["脂肪", "肉腫", "転移", "不安", "受ける", "セカンド", "オピニオン", "の", "が", "を", "▁"]
    tokenizer = Tokenizer(Unigram([("<unk>", 0.0), *((w, -1.0 - i / 10) for i, w in enumerate(words))], unk_id=0))
    tokens = tokenizer.get_vocab_size()
    model = StaticModel(
        vectors=rng.normal(size=(5, 8)).astype(np.float16),
        tokenizer=tokenizer,
        normalize=True,
        weights=rng.uniform(0.1, 1, size=tokens).astype(np.float32),
        token_mapping=rng.integers(0, 5, size=tokens),
    )
    folder = HERE / "model2vec"
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    loaded = StaticModel.from_pretrained(folder)
    # In float16 Model2Vec would round its results, too.
    loaded.embedding = loaded.embedding.astype(np.float32)
    expected["model2vec"] = rounded(loaded.encode(TEXTS, max_length=None))

    folder = HERE / "static"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "0_StaticEmbedding").mkdir(parents=True)
    vocabulary = {w: i for i, w in enumerate(["[UNK]", "脂肪", "肉腫", "転移", "不安", "受ける", "の", "が"])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "0_StaticEmbedding" / "tokenizer.json"), pretty=False)
    vectors = rng.normal(size=(len(vocabulary), 6)).astype(np.float32)
    save_file({"embedding.weight": vectors}, folder / "0_StaticEmbedding" / "model.safetensors")
    modules = [
        {"idx": 0, "name": "0", "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n")
    (folder / "config_sentence_transformers.json").write_text("{}\n")
    loaded = StaticModel.from_pretrained(folder, normalize=True)
    expected["static"] = rounded(loaded.encode(TEXTS, max_length=None))

    loaded = StaticModel.from_pretrained(ROOT / "models" / "chive-small")
    expected["chive-small"] = rounded(loaded.encode(TEXTS, max_length=None)[:, :8])

    lines = [f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in rows) + "\n  ]" for name, rows in expected.items()]
    texts = json.dumps(TEXTS[:-1] + ["(the last text of make.py)"], ensure_ascii=False)
    (HERE / "expected.json").write_text('{\n  "texts": ' + texts + ",\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
