"""Draw the README's overview picture from a published run.

    kikitori sample --calls 9327 --seed 1 --out calls.jsonl
    kikitori run --input calls.jsonl --out OUT
    pip install -r docs/pictures/requirements.txt
    python docs/pictures/make.py OUT docs/pictures/overview.png

Reads OUT/latest.json once and then only dashboard/*.parquet and _manifest.json of that run; nothing
from analyst/ enters the picture. A suppressed cell (秘匿) is hatched, never guessed and never zero.

The title calls the calls invented. For a run over other records give `--title`.

A Japanese font must be installed; one of these is enough:

    apt-get install fonts-noto-cjk       # Noto Sans CJK JP, the README's
    apt-get install fonts-ipaexfont      # IPAexGothic
    pip install matplotlib-fontja        # IPAexGothic, without root
"""

import argparse
import importlib.util
import io
import json
import unicodedata
from math import cos, pi, sin, sqrt
from pathlib import Path

import duckdb
import matplotlib
import numpy as np

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib import font_manager, patheffects
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator
from PIL import Image

FONTS = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAexGothic",
    "BIZ UDPGothic",
    "BIZ UDGothic",
    "Hiragino Sans",
    "Yu Gothic",
]

WIDTH, HEIGHT, DPI = 16.0, 11.0, 100

INK, QUIET, RULE, PAPER = "#1f2933", "#5f6b76", "#d7dde2", "#ffffff"
HIDDEN, HIDDEN_LINE = "#eef0f2", "#a9b2ba"
HATCH = "////"
# Okabe and Ito's colours (jfly.uni-koeln.de/color), in an order that two or three groups tell apart well.
GROUPS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"]
# Lines and their names: dark enough to read as text.
LINES = ["#0072B2", "#C24F00", "#00795A", "#8A4A78"]
LATENT, NAMED = "#D55E00", "#c3d3e0"
BLUES = LinearSegmentedColormap.from_list("blues", ["#f3f7fa", "#b5d0e4", "#5b9ac6", "#1d6aa5", "#0b3c6b"])

MAP_LABEL = 12  # full-width characters
MOST_THEMES = 26  # rows that stay readable; the largest are drawn
TRENDS = 4
# A period length is drawn if no more of the cells than this are suppressed: the months that are
# left over are the busy ones, and a line through them would lie too high.
MOST_HIDDEN = 0.1
NUMBERED = 0.095  # cells of the heat map from this share on carry their number
Z95 = 1.959964
HIDDEN_JA = "秘匿"


# ── tables ──────────────────────────────────────────────────────────────────────────────────────


class Run:
    """One published run: resolved once, read table by table."""

    def __init__(self, out):
        pointer = out / "latest.json"
        if not pointer.is_file():
            raise SystemExit(f"expected a folder kikitori published, with latest.json, got {out}")
        self.folder = out / json.loads(pointer.read_text())["run"]
        self.manifest = json.loads((self.folder / "_manifest.json").read_text())

    def table(self, name, where="true", order="1"):
        path = self.folder / "dashboard" / f"{name}.parquet"
        found = duckdb.execute(f"select * from read_parquet(?) where {where} order by {order}", [str(path)])
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row)) for row in found.fetchall()]


def hidden(row, column="count"):
    return row[f"{column}_status"] == "suppressed"


def wilson(count, n):
    """Wilson's 95 % interval (1927), as in the tables."""
    if n == 0:
        return 0.0, 0.0
    share, z2 = count / n, Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return centre - half, centre + half


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def width(text):
    """Width in full-width characters."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)


def shorten(label, most):
    """The first words of a label (・ between them) that fit, or its beginning and an ellipsis."""
    if width(label) <= most:
        return label
    words, kept = label.split("・"), []
    while words and width("・".join(kept + words[:1])) <= most:
        kept.append(words.pop(0))
    if kept:
        return "・".join(kept)
    while width(label) > most - 1:
        label = label[:-1]
    return label + "…"


def use_japanese_font():
    if importlib.util.find_spec("matplotlib_fontja"):
        import matplotlib_fontja  # noqa: F401  (registers IPAexGothic)
    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in FONTS if name in known), None)
    if found is None:
        raise SystemExit(f"expected a Japanese font ({', '.join(FONTS)}), got none: apt-get install fonts-noto-cjk")
    plt.rcParams.update(
        {
            "font.family": found,
            "font.size": 9,
            "text.color": INK,
            "axes.edgecolor": RULE,
            "axes.labelcolor": QUIET,
            "axes.unicode_minus": False,
            "xtick.color": QUIET,
            "ytick.color": INK,
            "hatch.color": HIDDEN_LINE,
            "hatch.linewidth": 0.7,
        }
    )


# ── drawing, shared ─────────────────────────────────────────────────────────────────────────────


def heading(figure, left, top, title, note):
    """A panel's title, and under it what its numbers are."""
    figure.text(left, top, title, fontsize=13, fontweight="bold", va="bottom")
    figure.text(left, top - 0.003, note, fontsize=8.5, color=QUIET, va="top")


def key(figure, left, top, patches):
    """What the colours mean, between a panel's heading and the panel."""
    figure.legend(
        handles=patches, loc="upper left", bbox_to_anchor=(left - 0.003, top), ncol=len(patches), fontsize=8.5,
        frameon=False, handlelength=1.0, handletextpad=0.5, columnspacing=1.4, borderpad=0,
    )  # fmt: skip


def plain(axes, grid=None):
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
    if grid:
        axes.grid(axis=grid, color=RULE, linewidth=0.7)
        axes.set_axisbelow(True)


def percent(axis):
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(lambda value, _: f"{round(100 * value, 1):g}%")


def ink_on(colour):
    """Dark or light text, whichever stands out more on the colour (relative luminance, WCAG 2)."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return INK if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.22 else PAPER


def hatched(axes, x, y, w, h):
    axes.add_patch(Rectangle((x, y), w, h, facecolor=HIDDEN, edgecolor=HIDDEN_LINE, hatch=HATCH, linewidth=0))


def spread(wanted, gap):
    """Positions as near to the wanted ones as a gap between any two allows."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [wanted[i] for i in order]
    for _ in range(200):
        for a in range(len(placed) - 1):
            lack = gap - (placed[a + 1] - placed[a])
            if lack > 1e-9:
                placed[a] -= lack / 2
                placed[a + 1] += lack / 2
    result = [0.0] * len(wanted)
    for i, position in zip(order, placed):
        result[i] = position
    return result


# ── panels ──────────────────────────────────────────────────────────────────────────────────────


def draw_themes(figure, box, themes, colours):
    axes = figure.add_axes(box)
    plain(axes, "x")
    known = [t["share_high"] for t in themes if not hidden(t, "calls")]
    top = max(known, default=0.1) * 1.18
    for y, theme in enumerate(themes):
        if hidden(theme, "calls"):
            hatched(axes, 0, y - 0.34, top * 0.16, 0.68)
            axes.text(top * 0.175, y, HIDDEN_JA, va="center", fontsize=8, color=QUIET)
            continue
        axes.barh(y, theme["share"], 0.68, color=colours[theme["group_id"]], alpha=0.85)
        axes.plot([theme["share_low"], theme["share_high"]], [y, y], color=INK, linewidth=1.1)
        axes.text(theme["share_high"] + top * 0.012, y, f"{theme['calls']:,}", va="center", fontsize=8, color=QUIET)
    axes.set_xlim(0, top)
    axes.set_ylim(len(themes) - 0.5, -0.5)
    axes.set_yticks(
        range(len(themes)), [f"{shorten(t['theme_label_ja'], 15)}  {t['theme_id']}" for t in themes], fontsize=8.5
    )
    percent(axes.xaxis)
    axes.tick_params(axis="x", labelsize=8)


def draw_outcomes(figure, box, themes, rows):
    """Columns are outcomes, gathered by whether the caller was connected; rows are those of the bars."""
    axes = figure.add_axes(box)
    plain(axes)
    turn = {"yes": 0, "no": 1, "open": 2}
    outcomes = sorted(
        {(turn.get(r["connected"], 3), r["code"], r["label_ja"]) for r in rows if r["level"] == "outcome"}
    )
    gathered = {turn.get(r["code"], 3): r["label_ja"] for r in rows if r["level"] == "connected"}
    place, x = {}, -1.0
    for before, outcome in zip([None] + outcomes, outcomes):
        x += 1.35 if before and before[0] != outcome[0] else 1.0
        place[outcome[1]] = x
    row_of = {theme["theme_id"]: y for y, theme in enumerate(themes)}
    cells = [r for r in rows if r["level"] == "outcome" and r["theme_id"] in row_of]
    most = max((r["share"] or 0 for r in cells), default=0) or 1.0
    norm = PowerNorm(0.6, 0, most)
    for cell in cells:
        x, y = place[cell["code"]] - 0.46, row_of[cell["theme_id"]] - 0.44
        share = 0.0 if cell["count_status"] == "zero" else cell["share"]
        if share is None:
            hatched(axes, x, y, 0.92, 0.88)
            continue
        colour = BLUES(norm(share))
        axes.add_patch(Rectangle((x, y), 0.92, 0.88, facecolor=colour, linewidth=0))
        if share >= NUMBERED:
            axes.text(
                x + 0.46, y + 0.46, f"{100 * share:.0f}", ha="center", va="center", fontsize=7, color=ink_on(colour)
            )
    for kind in sorted({kind for kind, _, _ in outcomes}):
        members = [place[code] for other, code, _ in outcomes if other == kind]
        if kind < 3:
            axes.plot([members[0] - 0.46, members[-1] + 0.46], [len(themes) - 0.3] * 2, color=QUIET, linewidth=1)
            axes.text(
                sum(members) / len(members),
                len(themes) - 0.1,
                gathered.get(kind, ""),
                ha="center",
                va="top",
                fontsize=8,
                color=QUIET,
            )
    for _, code, label in outcomes:
        axes.text(
            place[code] - 0.1, -0.7, shorten(label, 10), rotation=44, ha="left", va="bottom", fontsize=8,
            rotation_mode="anchor",
        )  # fmt: skip
    axes.set_xlim(-0.5, max(place.values(), default=0) + 0.5)
    axes.set_ylim(len(themes) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])


def draw_map(figure, box, themes, colours):
    axes = figure.add_axes(box)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fafbfc")
    placed = [t for t in themes if t["map_x"] is not None and t["map_y"] is not None]
    if not placed:
        return
    across = [t["map_x"] for t in placed]
    along = [t["map_y"] for t in placed]
    reach = max(max(across) - min(across), max(along) - min(along), 0.1)
    axes.set_xlim(min(across) - 0.10 * reach, max(across) + 0.13 * reach)
    axes.set_ylim(min(along) - 0.10 * reach, max(along) + 0.10 * reach)
    largest = max((t["calls"] for t in placed if t["calls"]), default=1)
    figure.canvas.draw()
    to_pixels = axes.transData.transform
    frame = axes.get_window_extent()

    bubbles = []
    for theme in sorted(placed, key=lambda t: -(t["calls"] or 0)):
        radius = 7.0 if hidden(theme, "calls") else 5.0 + 19.0 * sqrt((theme["calls"] or 0) / largest)
        x, y = to_pixels((theme["map_x"], theme["map_y"]))
        bubbles.append((theme, x, y, radius))
        points = 2 * radius * 72 / DPI
        look = (
            {"facecolor": HIDDEN, "edgecolor": colours[theme["group_id"]], "hatch": HATCH * 2}
            if hidden(theme, "calls")
            else {"facecolor": colours[theme["group_id"]], "edgecolor": PAPER}
        )
        axes.scatter(theme["map_x"], theme["map_y"], s=points**2, alpha=0.8, linewidth=1, **look)

    for theme, x, y, radius, left, low, w, h in place_labels(bubbles, frame):
        label = shorten(theme["theme_label_ja"], MAP_LABEL)
        near_x = min(max(x, left), left + w)
        near_y = min(max(y, low), low + h)
        away = sqrt((near_x - x) ** 2 + (near_y - y) ** 2)
        if away > radius + 5:
            start = (x + (near_x - x) * radius / away, y + (near_y - y) * radius / away)
            (x0, y0), (x1, y1) = axes.transData.inverted().transform([start, (near_x, near_y)])
            axes.plot([x0, x1], [y0, y1], color=QUIET, linewidth=0.7)
        axes.annotate(
            label, (left + w / 2, low + h / 2), xycoords="figure pixels", ha="center", va="center", fontsize=8.5,
            path_effects=[patheffects.withStroke(linewidth=2, foreground="#fafbfc")],
        )  # fmt: skip


def place_labels(bubbles, frame, size=8.5):
    """Sets a label for each bubble (largest first) where it covers no bubble and no other label.

    Tries rings around the bubble, nearest first; a label that finds no place within reach is left
    out, its number in the list of themes remains. Pixels throughout.
    """
    em = size * DPI / 72
    taken, lines, result = [], [], []

    def meets(a, b):
        return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]

    def covers(rect, x, y, r):
        near_x = min(max(x, rect[0]), rect[0] + rect[2])
        near_y = min(max(y, rect[1]), rect[1] + rect[3])
        return (near_x - x) ** 2 + (near_y - y) ** 2 < r * r

    def crosses(rect, line):
        (x0, y0), (x1, y1) = line
        steps = 24
        return any(
            rect[0] < x0 + (x1 - x0) * k / steps < rect[0] + rect[2]
            and rect[1] < y0 + (y1 - y0) * k / steps < rect[1] + rect[3]
            for k in range(steps + 1)
        )

    for theme, x, y, radius in bubbles:
        w = width(shorten(theme["theme_label_ja"], MAP_LABEL)) * em + 6
        h = em * 1.35
        best = None
        for ring in range(15):
            for step in range(24):
                angle = 2 * pi * step / 24
                reach = radius + 3 + 8 * ring
                centre_x = x + cos(angle) * (reach + w / 2)
                centre_y = y + sin(angle) * (reach + h / 2)
                rect = (centre_x - w / 2, centre_y - h / 2, w, h)
                if rect[0] < frame.x0 + 3 or rect[0] + w > frame.x1 - 3:
                    continue
                if rect[1] < frame.y0 + 3 or rect[1] + h > frame.y1 - 3:
                    continue
                if any(meets(rect, other) for other in taken):
                    continue
                covered = sum(covers(rect, bx, by, br) for _, bx, by, br in bubbles)
                near = (min(max(x, rect[0]), rect[0] + w), min(max(y, rect[1]), rect[1] + h))
                line = ((x, y), near)
                if any(crosses(rect, other) for other in lines) or any(crosses(other, line) for other in taken):
                    continue
                if covered == 0:
                    best = (rect, line)
                    break
            if best:
                break
        if best:
            rect, line = best
            taken.append(rect)
            lines.append(line)
            result.append((theme, x, y, radius, *rect))
    return result


def draw_needs(figure, box, needs):
    """Latent first, from zero, so that its length and interval can be read; what was named follows."""
    axes = figure.add_axes(box)
    plain(axes, "x")
    needs = sorted(needs, key=lambda r: (r["latent_share"] is None, -(r["latent_share"] or 0), r["need"]))
    top = max((r["share_high"] or 0 for r in needs), default=1) * 1.1 or 1
    for y, need in enumerate(needs):
        whole, latent = need["share"], need["latent_share"]
        if hidden(need, "calls"):
            hatched(axes, 0, y - 0.34, top * 0.1, 0.68)
            axes.text(top * 0.11, y, HIDDEN_JA, va="center", fontsize=8, color=QUIET)
            continue
        if hidden(need, "latent_calls"):
            hatched(axes, 0, y - 0.34, whole, 0.68)
            axes.text(need["share_high"] + top * 0.012, y, f"潜在は{HIDDEN_JA}", va="center", fontsize=8, color=QUIET)
            continue
        axes.barh(y, whole, 0.68, color=NAMED)
        axes.barh(y, latent, 0.68, color=LATENT, alpha=0.9)
        axes.plot([need["latent_share_low"], need["latent_share_high"]], [y, y], color=INK, linewidth=1.1)
        axes.plot([need["share_low"], need["share_high"]], [y, y], color=QUIET, linewidth=1.1)
        axes.text(need["share_high"] + top * 0.012, y, f"{100 * latent:.1f}%", va="center", fontsize=8, color=LATENT)
    axes.set_xlim(0, top)
    axes.set_ylim(len(needs) - 0.5, -0.5)
    axes.set_yticks(range(len(needs)), [shorten(r["need_label_ja"], 15) for r in needs], fontsize=8.5)
    percent(axes.xaxis)
    axes.tick_params(axis="x", labelsize=8)


def change(series):
    """The Cochran–Armitage statistic |z|: how surely a theme's share rises or falls over the periods."""
    n = sum(r["n"] for r in series)
    share = sum(r["count"] for r in series) / n if n else 0.0
    if not 0 < share < 1:
        return 0.0
    middle = sum(t * r["n"] for t, r in enumerate(series)) / n
    slope = sum((t - middle) * (r["count"] - r["n"] * share) for t, r in enumerate(series))
    time = sum(r["n"] * (t - middle) ** 2 for t, r in enumerate(series))
    return abs(slope) / sqrt(share * (1 - share) * time) if time else 0.0


def changing(rows):
    """The shortest period that suppression leaves whole, and the themes that change most over it."""
    for kind in ("month", "fiscal_year"):
        series = {}
        for row in rows:
            if row["period_type"] == kind and row["period"] != "missing":
                series.setdefault(row["theme_id"], []).append(row)
        whole = {
            theme: rows_of
            for theme, rows_of in series.items()
            if len(rows_of) > 1 and not any(hidden(r) or hidden(r, "n") for r in rows_of)
        }
        if whole and (kind == "fiscal_year" or len(whole) >= (1 - MOST_HIDDEN) * len(series)):
            best = sorted(whole, key=lambda theme: (-change(whole[theme]), theme))[:TRENDS]
            return kind, [whole[theme] for theme in best]
    return None, []


def draw_trend(figure, box, rows):
    kind, trends = changing(rows)
    axes = figure.add_axes(box)
    plain(axes, "y")
    if not trends:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, f"期間ごとの件数は{HIDDEN_JA}", ha="center", color=QUIET, transform=axes.transAxes)
        return "全期間が公表のテーマはない"
    last = len(trends[0]) - 1
    few = last < 12
    highest = 0.0
    for place, (series, colour, mark) in enumerate(zip(trends, LINES, "osD^")):
        shares = [r["share"] or 0.0 for r in series]
        bounds = [wilson(r["count"], r["n"]) for r in series]
        # Side by side, so that no interval hides another.
        xs = [t + (0.045 * last * (place - (len(trends) - 1) / 2) / 2 if few else 0) for t in range(last + 1)]
        if few:
            for x, (low, high) in zip(xs, bounds):
                axes.plot([x, x], [low, high], color=colour, linewidth=1.2, alpha=0.55)
        else:
            axes.fill_between(xs, [b[0] for b in bounds], [b[1] for b in bounds], color=colour, alpha=0.12, linewidth=0)
        axes.plot(xs, shares, color=colour, linewidth=1.8, marker=mark, markersize=6 if few else 3)
        highest = max(highest, *(b[1] for b in bounds))
    axes.set_ylim(0, highest * 1.04)
    for series, y, colour in zip(trends, spread([s[-1]["share"] or 0 for s in trends], highest * 0.12), LINES):
        x = last * 1.09
        axes.text(
            x, y + 0.004 * highest, shorten(series[-1]["theme_label_ja"], 9), va="bottom", fontsize=9, color=colour
        )
        ends = f"{100 * (series[0]['share'] or 0):.1f} → {100 * (series[-1]['share'] or 0):.1f}%"
        axes.text(x, y - 0.006 * highest, ends, va="top", fontsize=8, color=QUIET)
    axes.set_xlim(-0.1 * last, last * 1.62)
    step = (last + 6) // 6
    axes.set_xticks(range(0, last + 1, step), [r["period_label_ja"] for r in trends[0]][::step], fontsize=8)
    axes.tick_params(axis="x", pad=6)
    percent(axes.yaxis)
    axes.tick_params(axis="y", labelsize=8, labelcolor=QUIET)
    return f"{'月' if kind == 'month' else '年度'}ごとの割合と95%信頼区間。増減が最も確かな{len(trends)}テーマ"


def draw_tiles(figure, box, rows):
    axes = figure.add_axes(box)
    plain(axes)
    tiles = [r for r in rows if r["level"] == "prefecture" and r["tile_x"] is not None]
    norm = PowerNorm(0.5, 0, max((r["count"] or 0 for r in tiles), default=1) or 1)
    for tile in tiles:
        x, y = tile["tile_x"], tile["tile_y"]
        name = tile["label_ja"]
        name = name[:-1] if name[-1] in "都府県" else name
        ink = QUIET
        if hidden(tile):
            hatched(axes, x + 0.03, y + 0.03, 0.94, 0.94)
            value = HIDDEN_JA
        else:
            depth = norm(tile["count"] or 0)
            ink = ink_on(BLUES(depth))
            outline = RULE if depth < 0.05 else "none"
            axes.add_patch(
                Rectangle((x + 0.03, y + 0.03), 0.94, 0.94, facecolor=BLUES(depth), edgecolor=outline, linewidth=0.7)
            )
            value = f"{tile['count'] or 0:,}"
        halo = [patheffects.withStroke(linewidth=2.5, foreground=HIDDEN)] if hidden(tile) else []
        axes.text(
            x + 0.5, y + 0.34, name, ha="center", va="center", fontsize=8.5 if len(name) < 3 else 7.5, color=ink,
            path_effects=halo,
        )  # fmt: skip
        axes.text(x + 0.5, y + 0.72, value, ha="center", va="center", fontsize=7.5, color=ink, path_effects=halo)
    axes.set_xlim(0, max((r["tile_x"] for r in tiles), default=0) + 1)
    axes.set_ylim(max((r["tile_y"] for r in tiles), default=0) + 1, 0)
    axes.set_xticks([])
    axes.set_yticks([])
    missing = next((r for r in rows if r["level"] == "prefecture" and r["code"] == "missing"), None)
    if missing is None:
        return "一県一升"
    return f"一県一升。ほかに県の記載なし{HIDDEN_JA if hidden(missing) else format(missing['count'] or 0, ',') + '件'}"


# ── the picture ─────────────────────────────────────────────────────────────────────────────────


def draw(run, title):
    everything = run.table("themes", order="calls desc nulls last, theme_id")
    themes = everything[:MOST_THEMES]
    periods = run.table("theme_by_period", order="period_type, period, theme_id")
    needs = run.table("needs")
    regions = run.table("region_share", order="code")
    outcomes = run.table("theme_by_outcome", order="level, code, theme_id")
    calls = run.manifest["counts"]["accepted"]
    threshold = run.manifest["method"]["threshold"]

    groups = sorted({(t["group_id"], t["group_label_ja"]) for t in everything})
    colours = {code: GROUPS[i] if i < len(GROUPS) else QUIET for i, (code, _) in enumerate(groups)}

    figure = plt.figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=PAPER)
    figure.text(0.02, 0.977, title.format(calls=calls), fontsize=19, fontweight="bold", va="center")
    figure.text(
        0.02, 0.951, "kikitori run が公表する集計表（dashboard/）だけから描いた、相談テーマ・潜在ニーズ・転帰・地域",
        fontsize=10, color=QUIET, va="center",
    )  # fmt: skip

    low, tall, top = 0.455, 0.346, 0.902
    room = max(3, 34 // min(len(groups) or 1, len(GROUPS)) - 3)
    heading(figure, 0.02, top, "相談テーマ", "全相談に占める割合、95%信頼区間、件数")
    key(
        figure,
        0.02,
        0.829,
        [
            Patch(color=colours[code], alpha=0.85, label="上位群 " * (i == 0) + shorten(name, room))
            for i, (code, name) in enumerate(groups[: len(GROUPS)])
        ],
    )
    draw_themes(figure, (0.155, low, 0.185, tall), themes, colours)

    heading(figure, 0.362, top, "テーマと転帰", "転帰ごとに、各テーマが占める割合（%）。行は左のテーマ")
    draw_outcomes(figure, (0.362, low, 0.225, tall), themes, outcomes)

    heading(figure, 0.635, top, "テーマの地図", "近いほど語が似ている。円の面積は相談件数、色は上位群")
    draw_map(figure, (0.635, low, 0.345, 0.42), everything, colours)

    low, tall, top = 0.060, 0.295, 0.385
    heading(figure, 0.02, top, "潜在ニーズ", "そのニーズを表した相談の割合と95%信頼区間。数値は潜在")
    key(
        figure,
        0.02,
        0.365,
        [
            Patch(color=LATENT, alpha=0.9, label="潜在（語られたが、求められず、記録もない）"),
            Patch(color=NAMED, label="明示または記録あり"),
        ],
    )
    draw_needs(figure, (0.155, low, 0.225, 0.28), needs)

    note = draw_trend(figure, (0.432, low, 0.205, tall), periods)
    heading(figure, 0.412, top, "変化するテーマ", note)

    note = draw_tiles(figure, (0.665, 0.045, 0.315, 0.345), regions)
    heading(figure, 0.665, top, "都道府県別の相談件数", note)

    figure.text(
        0.02, 0.014, f"斜線は{HIDDEN_JA}：{threshold}件未満の件数と、そこから逆算できる件数。信頼区間は Wilson (1927)。",
        fontsize=8.5, color=QUIET, va="center",
    )  # fmt: skip
    return figure


def with_palette(picture):
    """The picture in 256 colours, which keeps the file under 300 KB.

    Fills keep their exact colour, because they carry numbers; a quarter of the palette goes to the
    widest cover of the other colours, so that a thin line does not turn grey.
    """
    pixels = np.asarray(picture)
    colours, where, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    often = colours[np.argsort(-counts, kind="stable")[:192]]
    wide = picture.quantize(256 - len(often), Image.Quantize.MAXCOVERAGE).getpalette()[: 3 * (256 - len(often))]
    palette = np.concatenate([often, np.array(wide, dtype=np.uint8).reshape(-1, 3)])
    # Pillow's own search for the nearest colour is approximate, and would turn white grey.
    apart = ((colours[:, None].astype(int) - palette[None].astype(int)) ** 2).sum(axis=2)
    nearest = apart.argmin(axis=1).astype(np.uint8)
    reduced = Image.fromarray(nearest[where.reshape(-1)].reshape(pixels.shape[:2]))
    reduced.putpalette(palette.tobytes())
    return reduced


def main():
    parser = argparse.ArgumentParser(description="Draw the overview picture of a published run.")
    parser.add_argument("out", type=Path, metavar="OUT", help="folder that `kikitori run` published")
    parser.add_argument("picture", type=Path, metavar="PNG", help="file to write")
    parser.add_argument(
        "--title", default="架空の相談{calls:,}件（kikitori sample で生成）", help="{calls} becomes the number of calls"
    )
    arguments = parser.parse_args()

    use_japanese_font()
    figure = draw(Run(arguments.out), arguments.title)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI, format="png")
    picture = with_palette(Image.open(drawn).convert("RGB"))
    picture.save(arguments.picture, optimize=True)
    print(f"{arguments.picture}: {picture.width}×{picture.height}, {arguments.picture.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
