"""Words that titles use to press: superlatives, secrets, urgency, surprise. Our own small lists; no outcome was looked at.

Words are folded. A title of a known language is read with its own list and the English one, because English pressing words travel;
one of an unknown language with the English list and those of other scripts: "sir" presses in Turkish only.
"""

from collections.abc import Mapping
from functools import lru_cache

from domain.features.writing import fold, is_unspaced, tokens

WORDS: Mapping[str, str] = {
    "en": "amazing insane incredible secret secrets shocking ultimate best worst epic crazy unbelievable genius brilliant "
    "easy instantly free never finally must banned exposed viral perfect powerful proven urgent impossible mindblowing "
    "revealed extreme craziest greatest",
    "es": "increible secreto secretos impactante mejor peor brutal locura definitivo facil gratis nunca urgente imposible "
    "viral perfecto epico asombroso prohibido revelado",
    "pt": "incrivel segredo segredos chocante melhor pior loucura definitivo facil gratis nunca urgente impossivel viral "
    "perfeito epico proibido revelado inacreditavel",
    "fr": "incroyable secret secrets choquant meilleur meilleure pire ultime facile gratuit jamais urgent impossible viral "
    "parfait epique interdit genial dingue",
    "de": "unglaublich geheim geheimnis geheimnisse schockierend beste besten schlimmste ultimative einfach kostenlos niemals "
    "endlich dringend unmoglich viral perfekt genial krass verboten wahnsinn",
    "it": "incredibile segreto segreti scioccante migliore peggiore definitivo facile gratis mai urgente impossibile virale "
    "perfetto epico vietato pazzesco assurdo",
    "nl": "ongelofelijk geheim geheimen schokkend beste slechtste ultieme makkelijk gratis nooit eindelijk onmogelijk perfect "
    "verboden geniaal",
    "pl": "niesamowite niesamowity sekret sekrety szokujace najlepszy najlepsze najgorszy latwo darmowe nigdy wreszcie pilne "
    "niemozliwe idealny zakazane genialny",
    "tr": "inanilmaz sir sirri sok en efsane mukemmel kolay ucretsiz asla sonunda imkansiz viral yasak mutlaka cilgin",
    "id": "menakjubkan rahasia terbaik terburuk gila mudah gratis akhirnya mustahil viral sempurna terlarang wajib dahsyat",
    "ru": "невероятно невероятный секрет секреты шок лучший лучшие худший легко бесплатно никогда наконец срочно невозможно "
    "идеальный запрещено гениально",
    "uk": "неймовірно неймовірний секрет секрети шок найкращий найкращі найгірший легко безкоштовно ніколи нарешті терміново "
    "неможливо ідеальний",
    "ar": "مذهل سر اسرار صادم افضل اسوأ جنون سهل مجانا ابدا اخيرا عاجل مستحيل رهيب خطير",
    "he": "מדהים סוד סודות מטורף הכי קל חינם לעולם דחוף מושלם אסור",
    "hi": "अद्भुत राज सबसे बेहतरीन आसान मुफ्त कभी आखिरकार असंभव वायरल जबरदस्त खतरनाक",
    "ja": "最強 衝撃 秘密 驚愕 絶対 無料 簡単 最高 最悪 究極 禁断 緊急 ヤバい やばい",
    "ko": "충격 비밀 최고 최악 무료 대박 절대 역대급 레전드 드디어 긴급 완벽",
    "zh": "震惊 秘密 最强 最好 最差 免费 绝对 终极 终于 紧急 疯狂 完美 神器 必看 揭秘",
    "th": "สุดยอด ความลับ ช็อก ดีที่สุด ฟรี ง่าย ด่วน",
}

_LATIN = frozenset(("es", "pt", "fr", "de", "it", "nl", "pl", "tr", "id"))


def power_words(title: str, language: str | None) -> float:
    """How many of the title's words press; in scripts without spaces, how many of the list stand in it."""
    folded = fold(title)
    spaced, pieces = _lists(language)
    return float(sum(word in spaced for word in tokens(folded)) + sum(piece in folded for piece in pieces))


@lru_cache(maxsize=64)
def _lists(language: str | None) -> tuple[frozenset[str], frozenset[str]]:
    chosen = {language, "en"} if language in WORDS else set(WORDS) - _LATIN
    words = {fold(word) for name in chosen for word in WORDS[name or "en"].split()}
    return frozenset(word for word in words if not is_unspaced(word)), frozenset(word for word in words if is_unspaced(word))
