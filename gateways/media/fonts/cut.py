"""Makes the Noto fonts of this folder from the files as their makers publish them; README.md says where those come from.

Run `python gateways/media/fonts/cut.py FOLDER`, FOLDER with the unpacked packages. Not run by the product.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
DEBIAN = Path("usr/share/fonts")
SCRIPTS = (
    *("Arabic", "Bengali", "Devanagari", "Ethiopic", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer"),
    *("Lao", "Malayalam", "Myanmar", "Sinhala", "Tamil", "Telugu", "Thai"),
)
# Ascent and descent in thousandths of an em, where the font's own leave room for marks that captions do not have. Two of them are those of
# the main font, whose marks and numbers stand in their words: boxes are then of one height.
_AS_MAIN = (928, 236)
TIGHTER = {
    "Arabic": (1050, 500),
    "Khmer": (1000, 450),
    "Lao": (1000, 380),
    "Myanmar": (1050, 650),
    "Thai": (1000, 400),
    "CJK": _AS_MAIN,
    "Hebrew": _AS_MAIN,
}
# What the national standards call common: GB 2312, Big5 level 1, JIS X 0208, KS X 1001; all syllables of Hangul.
STANDARDS = (
    ("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF)),
    ("big5", range(0xA1, 0xC7), range(0x40, 0xFF)),
    ("euc_jp", range(0xA1, 0xF5), range(0xA1, 0xFF)),
    ("euc_kr", range(0xA1, 0xFE), range(0xA1, 0xFF)),
)
BLOCKS = (range(0x1100, 0x1200), range(0x3000, 0x3130), range(0x31F0, 0x3200), range(0xAC00, 0xD7A4), range(0xFF00, 0xFFF0))
FIRST_EAST_ASIAN = 0x1100
# Marks that stand between East Asian letters as wide as they are; a space, so that a line needs no second font for it.
MARKS = (0x20, 0xB7, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026)


def main(folder: Path) -> None:
    for script in SCRIPTS:
        font = TTFont(folder / DEBIAN / f"truetype/noto/NotoSans{script}-Bold.ttf")
        _write(font, script, list(font.getBestCmap()), drop=("kern",))
    japanese = TTCollection(folder / DEBIAN / "opentype/noto/NotoSansCJK-Bold.ttc").fonts[0]
    _write(
        japanese,
        "CJK",
        sorted(set(_common())),
        drop=("BASE", "VORG", "vhea", "vmtx", "GPOS"),
        features=("ccmp", "locl", "ljmo", "vjmo", "tjmo"),
    )
    emoji = TTFont(folder / "package/700Bold/NotoEmoji_700Bold.ttf")
    _write(emoji, "Emoji", list(emoji.getBestCmap()), drop=("vhea", "vmtx"))


def _write(font: TTFont, script: str, characters: list[int], *, drop: tuple[str, ...], features: tuple[str, ...] = ("*",)) -> None:
    options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True, layout_features=list(features))
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += drop
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    if script in TIGHTER:
        heights = font["OS/2"]
        heights.usWinAscent, heights.usWinDescent = TIGHTER[script]
    kind = "otf" if "CFF " in font else "ttf"
    font.save(HERE / f"Noto{'' if script == 'Emoji' else 'Sans'}{script}-Bold.{kind}")


def _common() -> Iterator[int]:
    yield from MARKS
    for block in BLOCKS:
        yield from block
    for codec, leads, trails in STANDARDS:
        for lead in leads:
            for trail in trails:
                text = bytes((lead, trail)).decode(codec, "ignore")
                yield from (ord(each) for each in text if len(text) == 1 and ord(each) >= FIRST_EAST_ASIAN)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
