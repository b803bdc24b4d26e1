"""Makes the fixtures of this folder with the reference implementations: python make.py (gensim 4.4.0, scikit-learn 1.9.1).

c_v.json         CoherenceModel(coherence="c_v", window_size=110) per topic. gensim forgets a term when one of its places leaves
                 the window while another is still inside; so the case "repeated", where that happens, has gensim's numbers twice:
                 as released, and with the window mended (three lines below).
silhouette.json  silhouette_score(metric="cosine") of unit vectors.
"""

import json
import random
from pathlib import Path

import gensim
import numpy as np
import sklearn
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from gensim.topic_coherence.text_analysis import WordOccurrenceAccumulator
from sklearn.metrics import silhouette_score

HERE = Path(__file__).resolve().parent
WINDOW = 110
TOPICS = [["a", "b", "c", "d"], ["e", "f", "g"], ["a", "e", "i"], ["h", "i"]]
LETTERS = "abcdefghi"


def c_v(texts, topics):
    dictionary = Dictionary(texts)
    model = CoherenceModel(topics=topics, texts=texts, dictionary=dictionary, coherence="c_v", window_size=WINDOW, processes=1)
    return [float(value) for value in model.get_coherence_per_topic()]


def mended(texts, topics):
    released = WordOccurrenceAccumulator._slide_window

    def slide(self, window, number):
        self._uniq_words[:] = False
        self._uniq_words[np.unique(window)] = True

    WordOccurrenceAccumulator._slide_window = slide
    try:
        return c_v(texts, topics)
    finally:
        WordOccurrenceAccumulator._slide_window = released


def text(rng, length, apart):
    """Other words, and letters in between; the same letter only so far apart."""
    words, last = [], {}
    for at in range(length):
        letter = rng.choice(LETTERS)
        free = at - last.get(letter, -apart) >= apart
        if free and rng.random() < 0.2:
            last[letter] = at
            words.append(letter)
        else:
            words.append(rng.choice("xyz"))
    return words


def cases():
    rng = random.Random(7)
    lengths = [0, 1, 5, 8, 20, 40, 109, 110, 111, 150, 240, 331]
    apart = [text(rng, length, WINDOW) for length in lengths]
    repeated = [text(rng, length, 1) for length in lengths]
    everywhere = [["a", "b"], ["a", "b", "c"], ["a", "d"], ["a", "c", "d"]]
    return [
        {"name": "apart", "texts": apart, "topics": TOPICS, "c_v": c_v(apart, TOPICS)},
        {"name": "repeated", "texts": repeated, "topics": TOPICS, "c_v": mended(repeated, TOPICS), "released": c_v(repeated, TOPICS)},
        {"name": "in every text", "texts": everywhere, "topics": [TOPICS[0]], "c_v": c_v(everywhere, [TOPICS[0]])},
    ]


def silhouette():
    rng = np.random.default_rng(7)
    middles = rng.normal(size=(3, 5))
    labels = [0] * 6 + [1] * 5 + [2] * 4 + [3]
    rows = np.array([middles[min(label, 2)] + rng.normal(size=5) for label in labels])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    score = float(silhouette_score(rows, labels, metric="cosine"))
    return {"version": sklearn.__version__, "vectors": rows.tolist(), "labels": labels, "silhouette": score}


def lines(value, depth=2):
    """JSON with the innermost lists on one line each."""
    if depth and isinstance(value, dict):
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {lines(one, depth)}" for key, one in value.items()) + "\n}"
    if depth and isinstance(value, list) and any(isinstance(one, (list, dict)) for one in value):
        return "[\n" + ",\n".join(lines(one, depth) for one in value) + "\n]"
    return json.dumps(value)


if __name__ == "__main__":
    (HERE / "c_v.json").write_text(lines({"version": gensim.__version__, "window": WINDOW, "cases": cases()}) + "\n")
    (HERE / "silhouette.json").write_text(lines(silhouette()) + "\n")
