"""Words by which an opening holds its viewers, one list per language (ISO 639-1), folded. Measuring is in `said`.

Our own small lists; no outcome was looked at. A language without a list is read for marks and digits only.
"""

from collections.abc import Mapping

# Something is not as one thinks.
CONTRAST: Mapping[str, str] = {
    "en": "but however actually instead although yet nobody never wrong mistake mistakes myth myths lie lies lied stop dont unless except "
    "opposite despite unlike contrary versus turns",
    "es": "pero aunque nunca nadie error errores mentira mitos mito contrario realidad sino",
    "pt": "mas porem nunca ninguem erro erros mentira mito mitos contrario verdade",
    "fr": "mais pourtant jamais personne erreur erreurs mensonge mythe mythes contraire realite",
    "de": "aber sondern trotzdem niemals niemand fehler falsch luge mythos gegenteil stattdessen",
    "it": "ma pero mai nessuno errore errori bugia mito contrario invece realta",
    "nl": "maar toch nooit niemand fout fouten leugen mythe tegendeel",
}
# How a story, a reveal or a promise begins; looked for where the opening begins, after at most one word.
OPENINGS: Mapping[str, str] = {
    "en": "imagine, picture this, what if, heres why, heres how, heres what, heres the, this is why, this is how, the reason, the biggest, "
    "the truth, the problem, the secret, the first time, the moment, let me show, let me tell, watch this, listen to this, most people, "
    "everyone, everybody, guess what, one day, i was wrong, i lost, i almost",
    "es": "imagina, que pasaria si, por eso, la razon, la verdad, el problema, el secreto, la mayoria",
    "pt": "imagine, e se, por isso, a razao, a verdade, o problema, o segredo, a maioria",
    "fr": "imaginez, imagine, et si, voici pourquoi, voici comment, la raison, la verite, le probleme, le secret, la plupart",
    "de": "stell dir vor, was ware wenn, deshalb, der grund, die wahrheit, das problem, das geheimnis, die meisten",
    "it": "immagina, e se, ecco perche, ecco come, la ragione, la verita, il problema, il segreto, la maggior parte",
}
# Numbers in words; the small ones that are also articles or pronouns are left out.
NUMBERS: Mapping[str, str] = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions trillion "
    "percent dozen dozens twice double triple half",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta cien ciento mil millon millones "
    "mitad doble",
    "pt": "dois duas tres quatro cinco seis sete oito nove dez onze doze vinte trinta quarenta cinquenta cem cento mil milhao milhoes "
    "metade dobro",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze vingt trente quarante cinquante cent cents mille million millions "
    "moitie double",
    "de": "zwei drei vier funf sechs sieben acht neun zehn elf zwolf zwanzig dreissig vierzig funfzig hundert tausend million millionen "
    "halfte doppelt prozent",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici venti trenta quaranta cinquanta cento mille mila milione "
    "milioni meta doppio",
}
# English questions by their order of words, for captions that nobody punctuated.
_ASKED = "is are was were do does did can could would will should has have had"
_WHO = "you we i he she it they there this that these those the your my our anyone anybody someone people"
_NO_SUBJECT = "(?!i |we |you |he |she |it |they |this |that |the |a )"
QUESTION_EN = (
    "(?:so |and |but |now |well |ok |okay )*(?:"
    rf"(?:who|what|why|how|when|where|which)(?:s|re)? (?:{_NO_SUBJECT}\w+ )?(?:{_ASKED.replace(' ', '|')}|if|about|much|many)\b"
    rf"|(?:{_ASKED.replace(' ', '|')})(?:nt)? (?:{_WHO.replace(' ', '|')})\b)"
)
# What captions write in brackets when people laugh, clap or cheer: how such words begin.
LAUGHTER = (
    r"\b(?:laugh|chuckl|giggl|applau|cheer|clap|rire|risa|aplaus|lach|gelachter|beifall|riso|risat|smiech|oklaski|смех|аплодисменты)"
    "|笑|拍手|박수|웃음"
)
