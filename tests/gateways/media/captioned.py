"""Captions drawn over a plain ground by the runner itself, texts of all scripts, and how tests and `bench.clips_captions` look at them."""

import math
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from domain.clips.look import Player, SafeArea
from domain.media import ClipPlan, MediaLimits, ShownWord
from gateways.media.captions import script_of
from gateways.media.glyphs import FONTS, can_draw
from gateways.media.picture import CAPTION_ENVIRONMENT, CAPTIONS, FONTS_LINK
from gateways.media.runner import Job, run_ffmpeg

GROUND = 0x40
# What would move, resize, recolour or add something if it were obeyed.
ATTACKS = (
    "{\\pos(0,0)}up there",
    "{\\fs400}huge",
    "{\\p1}m 0 0 l 999 0 999 999",
    "\\N\\N\\N\\N\\Nhigher",
    "\\h\\n",
    "{unclosed",
    "}{\\b1}{",
    "x\nDialogue: 0,0:00:00.00,9:00:00.00,Default,,0,0,0,,injected",
    "x\r\n[V4+ Styles]\r\nStyle: Default,Arial,300",
    "{\\fnArial}\\{\\b1\\}",
    "a\u2028b\u2029c\x00\x1b[2J\x07d",
    "abc \u202eevil\u202c \u2066x\u2069",
    "\\\\{\\an8}",
    "\u200b{\u2060\\an8}z",
    "{\\rSpoken}{\\t(0,9,\\fscx900)}grow",
)
Frames = np.ndarray[Any, np.dtype[np.uint8]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


SAMPLES = {
    "latin": "Ask one clear question, and answer it. 100% of viewers stay!",
    "accents": "Größe naïve Đặng Thị Žluťoučký kůň",
    "greek": "Γειά σου, γιατί πέτυχε;",
    "cyrillic": "Привет, мир! Ґанок їжак",
    "arabic": "أنا أحب مشاهدة الفيديو على TikTok كل يوم 123 مرة",
    "persian": "چرا این ویدیو می\u200cگیرد؟",
    "hebrew": "שלום עולם, זה סרטון קצר על YouTube עם 3 טיפים",
    "devanagari": "यह हिन्दी उपशीर्षक क्षत्रिय वीडियो क्यों चला?",
    "thai": "คำบรรยายภาษาไทยสำหรับวิดีโอสั้นที่ดีที่สุด",
    "japanese": "これはTikTokの字幕です。とても長い文章を「はい」と分けます。",
    "chinese": "今天我们来看看这个视频为什么会火，直骨角。",
    "traditional chinese": "今天我們來看看這個影片為什麼會紅，說說看。",
    "korean": "한국어 자막은 띄어쓰기로 나눕니다 정말 좋아요",
    "bengali": "বাংলা ভাষায় সাবটাইটেল দেখুন",
    "tamil": "தமிழ் வசன வரிகள் இங்கே உள்ளன",
    "telugu": "తెలుగు ఉపశీర్షికలు ఇక్కడ ఉన్నాయి",
    "gujarati": "ગુજરાતી સબટાઈટલ અહીં છે",
    "gurmukhi": "ਪੰਜਾਬੀ ਉਪਸਿਰਲੇਖ ਇੱਥੇ ਹਨ",
    "kannada": "ಕನ್ನಡ ಉಪಶೀರ್ಷಿಕೆಗಳು ಇಲ್ಲಿವೆ",
    "malayalam": "മലയാളം സബ്ടൈറ്റിലുകൾ ഇവിടെ",
    "khmer": "ភាសាខ្មែរមិនមានចន្លោះរវាងពាក្យ",
    "lao": "ພາສາລາວບໍ່ມີຍະຫວ່າງລະຫວ່າງຄຳ",
    "burmese": "မြန်မာဘာသာစကားတွင်စာလုံးများ",
    "sinhala": "සිංහල උපසිරැසි මෙහි ඇත",
    "ethiopic": "የአማርኛ ግርጌ ጽሑፍ እዚህ አለ",
    "emoji": "Go \U0001f468\u200d\U0001f469\u200d\U0001f467 now \U0001f44d\U0001f3fd \u2764\ufe0f \U0001f1e9\U0001f1ea 1\ufe0f\u20e3",
    "armenian, georgian": "Հայերեն ենթագրեր ქართული სუბტიტრები",
}
# Scripts that random texts are made of, and how their letters are told apart: one range of code points each.
RANGES = (
    *((0x21, 0x7F), (0xC0, 0x250), (0x370, 0x400), (0x400, 0x530), (0x531, 0x588), (0x5D0, 0x5EB), (0x620, 0x660), (0x900, 0x980)),
    *((0x980, 0xA00), (0xA00, 0xA80), (0xA80, 0xB00), (0xB80, 0xC00), (0xC00, 0xC80), (0xC80, 0xD00), (0xD00, 0xD80), (0xD80, 0xE00)),
    *((0xE01, 0xE5C), (0xE81, 0xEE0), (0x1000, 0x10A0), (0x10D0, 0x1100), (0x1200, 0x1380), (0x1780, 0x17F0), (0x3041, 0x3100)),
    *((0x4E00, 0x9FA0), (0xAC00, 0xD7A4), (0x1F300, 0x1F650), (0x1F900, 0x1FA00)),
)


def random_texts(count: int, seed: int) -> Iterator[str]:
    """Words of random characters of one script, sometimes two: marks where none belongs, words of up to 30 letters."""
    chance = random.Random(seed)
    for _ in range(count):
        first, last = chance.choice(RANGES)
        other = chance.choice(RANGES) if chance.random() < 0.2 else (first, last)
        words = []
        for _ in range(chance.randint(1, 6)):
            low, high = chance.choice(((first, last), other))
            letters = [code for code in (chance.randrange(low, high) for _ in range(60)) if can_draw(chr(code))]
            words.append("".join(map(chr, letters[: chance.choice((1, 3, 5, 8, 12, 30))])))
        yield " ".join(words)


def plan_of_texts(texts: Sequence[str], width: int, height: int, player: Player = Player.ALL) -> ClipPlan:
    """Each for one second."""
    words = [ShownWord(start_seconds=at, end_seconds=at + 1, text=text, page=at) for at, text in enumerate(texts)]
    return plan_of(*words, seconds=len(texts), width=width, height=height, player=player)


def outside(frames: Frames, area: SafeArea) -> list[int]:
    """The numbers of the frames in which anything is drawn outside the area, to the pixel."""
    height, width = frames.shape[1:3]
    mask = touched(frames)
    mask[:, math.ceil(area.top * height) : math.floor((1 - area.bottom) * height), :][
        :, :, math.ceil(area.left * width) : math.floor((1 - area.right) * width)
    ] = False
    return [int(each) for each in np.flatnonzero(mask.any(axis=(1, 2)))]


def drawn(text: str, folder: Path, *, width: int, height: int, frames: int, rate: int = 25) -> Frames:
    """Pictures (frames, height, width, RGB) of an ASS script on a gray ground."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CAPTIONS).write_text(text, encoding="utf-8")
    if not (folder / FONTS_LINK).exists():
        (folder / FONTS_LINK).symlink_to(FONTS)
    gray = f"0x{GROUND:02x}{GROUND:02x}{GROUND:02x}"
    ground = f"color={gray}:s={width}x{height}:r={rate}:d={frames / rate},format=yuv444p,setparams=colorspace=bt709:range=tv"
    graph = f"{ground},ass={CAPTIONS}:fontsdir={FONTS_LINK},scale=in_color_matrix=bt709:in_range=tv,format=rgb24[v]"
    words = ("ffmpeg", "-filter_complex", graph, "-map", "[v]", "-frames:v", str(frames), "-f", "rawvideo", "frames.rgb")
    job = Job(arguments=words, sources={}, folder=folder, seconds=frames / rate, environment=CAPTION_ENVIRONMENT)
    run_ffmpeg(job, MediaLimits(output_bytes=4 * 10**9))
    made = np.fromfile(folder / "frames.rgb", dtype=np.uint8).reshape(-1, height, width, 3)
    (folder / "frames.rgb").unlink()
    return made


def plan_of(*words: ShownWord, seconds: float = 10.0, **change: Any) -> ClipPlan:
    given = {"start_seconds": 0.0, "end_seconds": seconds, "video_index": 0, "audio_index": None, "captions": (), "words": words}
    return ClipPlan(**{**given, **change})


def frames_of(plan: ClipPlan, folder: Path, frames: int, rate: int = 25) -> Frames:
    return drawn(script_of(plan), folder, width=plan.width, height=plan.height, frames=frames, rate=rate)


def touched(frames: Frames) -> Mask:
    """Where anything is drawn, by frame: faint edges of letters are not counted."""
    changed: Mask = np.abs(frames.astype(np.int16) - GROUND).max(axis=-1) > 24
    return changed


def bounds(mask: Mask) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is set, as shares of the frame."""
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    return columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height


def where_colored(frame: Frames, color: tuple[int, int, int]) -> Mask:
    near: Mask = np.abs(frame.astype(np.int16) - np.array(color)).max(axis=-1) < 40
    return near
