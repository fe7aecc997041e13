"""Small words that tell how a title speaks: as "I", to "you", as a guide. Folded; measuring is in `title_patterns`.

One list for all languages, of words that mean nothing else in another listed language; unspaced scripts are searched for pieces.
"""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


FIRST_PERSON = _listed(
    "i im ive my me we our myself yo nosotros nuestro nuestra eu meu minha meus minhas nosso nossa je moi mon nous notre "
    "ich mein meine meinen meiner wir unser unsere io mio mia miei noi nostro nostra ik mijn wij onze moj moja moje moim "
    "jestem benim biz bizim aku saya kami kita gue minh chung jag mitt я мы мой моя мое мои мне меня наш наша мій моє мене "
    "אני שלי אנחנו שלנו انا نحن मैं मेरा मेरी मेरे हम हमारा"
)
FIRST_PERSON_PIECES = ("私", "僕", "俺", "我", "내가", "나의", "제가", "우리", "ฉัน", "ผม")
SECOND_PERSON = _listed(
    "you your youre youll yours yourself tu tus usted ustedes voce voces votre vous dein deine deinen dich euch tuo tua "
    "tuoi voi jij jouw jullie ty twoj twoja twoje ciebie sen senin sizin siz kamu anda kalian ditt ты вы твой твоя твои "
    "тебя тебе вас вам ваш ваша твій אתה אתם שלך انت आप आपका आपके तुम"
)
SECOND_PERSON_PIECES = ("あなた", "君", "你", "您", "당신", "너의", "คุณ")
# At the start of a title, after folding.
GUIDES = (
    "how to", "how i", "how you", "how we", "guide to", "beginners guide", "tutorial", "learn to", "learn how", "como ",
    "tutorial de", "guia ", "comment ", "tuto ", "wie du ", "wie man ", "wie ich ", "so ", "anleitung", "come fare",
    "come ", "hoe ", "jak ", "poradnik", "nasil", "cara ", "tutorial ", "cach ", "hur man", "как ", "як ", "כיצד ", "איך ",
    "كيف ", "طريقه ", "طريقة ", "कैसे ",
)  # fmt: skip
# Anywhere: languages that put it at the end, or write without spaces.
GUIDE_PIECES = (
    "方法",
    "やり方",
    "作り方",
    "の仕方",
    "하는 법",
    "하는법",
    "만들기",
    "방법",
    "教程",
    "如何",
    "怎么",
    "วิธี",
    "nasil yapilir",
    "kaise",
    "कैसे",
)
