"""One consultation at a time: normalise, segment, redact, content words, need cues. Runs in worker processes."""

import functools
import hashlib
import json
import pathlib
import re
import time
import unicodedata

DICTIONARIES = pathlib.Path(__file__).resolve().parents[2] / "dictionaries"

# Identifiers that have a form.
FORMS = [
    ("〔メール〕", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    ("〔URL〕", re.compile(r"(?:https?://|www\.)[!-~]+")),
    ("〔電話番号〕", re.compile(r"0\d{1,4}[-( の]?\d{1,4}[-) の]?\d{3,4}(?!\d)|〇[〇一二三四五六七八九の]{9,14}")),
    ("〔郵便番号〕", re.compile(r"〒?\d{3}-\d{4}(?!\d)")),
    ("〔生年月日〕", re.compile(r"(?:昭和|平成|令和|大正|[SHR]|\d{4})年?\.?\d{1,2}年?[./-]?\d{1,2}月\d{1,2}日(?=生|です|、)")),
    ("〔日付〕", re.compile(r"(?:(?:\d{4}|昭和\d{1,2}|平成\d{1,2}|令和\d{1,2})年)?\d{1,2}月\d{1,2}日|\d{1,2}/\d{1,2}")),
    ("〔番号〕", re.compile(r"(?:診察券|患者|保険証|カルテ)(?:の)?(?:番号|ID|No)?[はの:]?\s*[\dA-Z-]{4,}|\d{4}-\d{4}(?!\d)")),
    ("〔施設名〕", re.compile(r"[一-龠々ぁ-んァ-ヶー]{2,8}(?:病院|医院|クリニック|医療センター|内科)")),
]
HONORIFICS = {"さん", "様", "さま", "氏", "先生", "医師", "くん", "ちゃん"}
INTRODUCTION = re.compile(r"(?:と申し|といいます|と言います)")

# A cue is a kind and a pattern; what the sentence is about decides the domain.
CUES = [
    ("request", r"(?:し|て|知り|受け|聞き|行き|診せ|教わり)たい|てほしい|て(?:もらえ|いただけ)(?:ます|ない|る)|お願い(?:したい|できます)|希望"),
    ("question", r"でしょうか|ですか。|ますか。|んですかね|どこ|どうすれば|どうしたら|いくら|いつごろ|何科|ありますか"),
    ("lack", r"見つから|出てこな|載っていな|説明がな|教えてくれな|断られ|ないんです|いないんです|もらえな|言われてしま"),
    ("difficulty", r"わから(?:な|ん|へん)|でき(?:な|ず)|つら(?:い|く)|大変|しんど|痛(?:い|く|み)|眠れ|食べられ|困って"),
    ("indecision", r"迷って|迷い|決められ|決めかね|どちらがいい|踏み切れ|どうしよう"),
    ("fear", r"不安|怖|心配|恐ろし|息が苦し|涙"),
    ("burden", r"負担|疲れ|お金|高くて|払え|貯金|仕事を辞め|迷惑"),
    ("distrust", r"信頼|信じ|不信|疑っ|見落とし|冷たい|叱られ|嫌な顔|不機嫌|納得"),
    ("resignation", r"見放され|もう終わり|あきらめ|仕方な|最後の望み|後悔"),
]
CUES = [(kind, re.compile(pattern)) for kind, pattern in CUES]
DOMAINS = {
    "access": "病院|受診|紹介状|転院|専門の|予約|センター|診てもら",
    "diagnosis": "診断|病理|検査|生検|標本|良性|悪性|結果|画像",
    "second_opinion": "セカンドオピニオン|SO|別の先生|ほかの意見",
    "treatment": "治療|手術|抗がん剤|放射線|薬|重粒子|陽子線|再発",
    "trial": "治験|パネル検査|新薬|ゲノム|遺伝子|患者申出",
    "information": "情報|患者会|同じ病気|資料|サイト|冊子|調べ",
    "symptom": "副作用|症状|しびれ|痛み|むくみ|だるさ|吐き気|後遺症",
    "palliative": "緩和|ホスピス|在宅|看取|訪問診療|最期",
    "emotion": "不安|怖|眠れ|涙|気持ち|つらい|落ち込|孤独",
    "communication": "先生|主治医|説明|担当医|医師",
    "family": "家族|子ども|親|兄弟|遺伝|妻|夫|母|父",
    "money_work": "費用|治療費|仕事|会社|高額療養費|お金|休職|年金|制度",
    "daily_life": "髪|ウィッグ|食事|食べ|外見|妊娠|学校|運動|暮らし|生活",
}
DOMAINS = {code: re.compile(pattern) for code, pattern in DOMAINS.items()}
CONTENT_NOUNS = {"一般", "サ変接続", "形容動詞語幹", "ナイ形容詞語幹", "固有名詞"}
REASON_DOMAINS = dict(zip(
    "受診希望 セカンドオピニオン 診断・病理 治療 治験・ゲノム 病気の情報 症状・副作用 緩和ケア 気持ちのつらさ 医療者との関係 家族のこと 費用・制度・仕事 日常生活".split(),
    "access second_opinion diagnosis treatment trial information symptom palliative emotion communication family money_work daily_life".split(),
))

worker = {}


def start_worker():
    import fugashi
    import ipadic

    words = lambda name: {l.strip() for l in (DICTIONARIES / name).read_text("utf-8").splitlines() if l.strip() and l[0] != "#"}
    worker["tagger"] = fugashi.GenericTagger(ipadic.MECAB_ARGS)
    worker["stop"] = words("stopwords.txt") | words("fillers.txt")


@functools.lru_cache(maxsize=200_000)
def word_class(feature):
    """What a feature string means, split once per distinct string (in the peer's favour)."""
    fields = feature.split(",")
    base = fields[6] if len(fields) > 6 else "*"
    person = fields[1] == "固有名詞" and fields[2] == "人名"
    region = fields[1] == "固有名詞" and fields[2] == "地域"
    suffix = fields[1] == "接尾" and fields[2] == "地域"
    noun = fields[0] == "名詞" and fields[1] in CONTENT_NOUNS
    predicate = fields[0] in ("動詞", "形容詞") and fields[1] == "自立"
    negation = fields[0] == "助動詞" and base in ("ない", "ん", "ぬ")
    return base, person, region, suffix, noun, predicate, negation


def redact(text, tokens):
    """Tokens with placeholders: (surface, class), and how many identifiers went."""
    spans = []
    for label, form in FORMS:
        spans += [(m.start(), m.end(), label) for m in form.finditer(text)]
    for i, (start, end, surface, kind) in enumerate(tokens):
        following = tokens[i + 1][2] if i + 1 < len(tokens) else ""
        if kind[1] or (following in HONORIFICS and kind[4] and kind[0] == "*"):
            spans.append((start, end, "〔氏名〕"))
        elif INTRODUCTION.match(text, end) and kind[4]:
            spans.append((start, end, "〔氏名〕"))
        elif kind[2] and i + 1 < len(tokens) and tokens[i + 1][3][3] and following not in "都道府県":
            spans.append((start, tokens[i + 1][1], "〔住所〕"))
    if not spans:
        return text, tokens, 0
    spans.sort(key=lambda s: (s[0], -s[1]))
    kept, last = [], -1
    for span in spans:
        if span[0] >= last:
            kept.append(span)
            last = span[1]
    out, at = [], 0
    for start, end, label in kept:
        out += [text[at:start], label]
        at = end
    left = [t for t in tokens if not any(t[0] < e and s < t[1] for s, e, _ in kept)]
    return "".join(out) + text[at:], left, len(kept)


def segment(text):
    tokens, at = [], 0
    for node in worker["tagger"](text):
        start = text.find(node.surface, at)
        at = start + len(node.surface)
        tokens.append((start, at, node.surface, word_class(node.feature_raw)))
    return tokens


def terms(tokens):
    stop, out = worker["stop"], []
    for i, (_, _, surface, (base, _, _, _, noun, predicate, _)) in enumerate(tokens):
        word = surface if base == "*" else base
        if noun and len(word) > 1 and word not in stop and not word.isdigit():
            out.append(word)
        elif predicate and word not in stop:
            negated = any(t[3][6] for t in tokens[i + 1 : i + 3])
            out.append(word + "ない" if negated else word)
    return out


def needs(text):
    found = []
    for sentence in re.split(r"(?<=[。？！])", text):
        kinds = [kind for kind, cue in CUES if cue.search(sentence)]
        if kinds:
            domains = [code for code, words in DOMAINS.items() if words.search(sentence)]
            found += [(kind, domain) for kind in kinds[:2] for domain in domains[:2]]
    return found


@functools.lru_cache(maxsize=16_384)
def short_utterance(text):
    """はい and its like are most turns: remembered, as kikitori does."""
    return utterance_uncached(text)


def utterance_uncached(text):
    clock = time.perf_counter
    t0 = clock()
    tokens = segment(text)
    t1 = clock()
    text, tokens, removed = redact(text, tokens)
    t2 = clock()
    return text, terms(tokens), removed, t1 - t0, t2 - t1, clock() - t2


def batch(lines):
    """Analyses JSON lines. Returns the calls and the processor seconds per step."""
    clock = time.perf_counter
    seconds = dict.fromkeys(("read", "normalise", "segment", "redact", "count", "needs"), 0.0)
    calls = []
    for line in lines:
        t = clock()
        call = json.loads(line)
        turns = call.pop("turns", None)
        if turns is None:
            turns = [{"speaker": "unknown", "text": s} for s in call.pop("text").split("\n")]
        seconds["read"] += clock() - t
        counts, utterances, mentions = {}, [], []
        for i, turn in enumerate(turns):
            t = clock()
            text = unicodedata.normalize("NFKC", turn["text"])
            seconds["normalise"] += clock() - t
            known = len(text) <= 16
            text, words, removed, a, b, c = (short_utterance if known else utterance_uncached)(text)
            if not known:
                seconds["segment"] += a
                seconds["redact"] += b
                seconds["count"] += c
            t = clock()
            for word in words:
                counts[word] = counts.get(word, 0) + 1
            t1 = clock()
            seconds["count"] += t1 - t
            utterances.append((turn["speaker"], text, removed))
            if turn["speaker"] != "counsellor":
                mentions += [(i, kind, domain) for kind, domain in needs(text)]
            seconds["needs"] += clock() - t1
        call["id"] = "c" + hashlib.blake2b(call["id"].encode(), key=b"peer", digest_size=16).hexdigest()
        calls.append((call, counts, utterances, mentions))
    return calls, seconds
