"""Small words that tell languages of one script apart, and letters that only one of them uses. Deciding is in `languages`.

Folded as `writing.fold` does. A word that several languages share says less, and is weighed so.
"""

from collections.abc import Mapping

# One line per language (ISO 639-1): articles, pronouns, prepositions, conjunctions, common verbs and adverbs.
LATIN: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and you your of to for with this that is are was my it we how what why when from they have not be can will "
        "do does i he she his her our their all just every get make who which if at by an on up out about into than "
        "these those more don vs most best new things ways easy people life need should never",
        "es": "el la los las de del y que en un una por para con como es mi tu su al lo se no mas pero esta este esto son soy "
        "tiene hay muy cuando donde porque nos yo todo sin sobre asi hacer ya te",
        "pt": "os uns de do da dos das e que em no na nos nas um uma por para com como eu voce meu minha seu sua nao mais "
        "mas esta isso ser muito quando porque tudo sem sobre ao pra foi tem fazer te",
        "fr": "le la les ai cest de des du et un une en que qui dans pour avec sur est ce cette mon ma mes je tu il elle nous vous "
        "pas plus au aux comment pourquoi mais par sans tout qu ne se son sa ses faire te",
        "de": "der die das und ist nicht ein eine einen mit von zu den dem des fur auf im in ich du wir ihr sie es wie was "
        "warum wenn auch aus bei nach mein dein sein zum zur sich so aber oder uber wird hat noch",
        "it": "il lo la gli le di del della dei delle e che un una per con non sono mi ti si in nel nella da al alla questo "
        "questa come perche piu ma io mio mia tuo anche quando tutto ha te fare",
        "nl": "de het een en van in is dat niet op te voor met ik je jij mijn zijn aan er maar om ook als dit wat hoe waarom "
        "naar uit bij nog wel geen heb hebben deze we",
        "pl": "i w z na do to nie sie jest jak co czy za po od o dla ale tak ze mi moj moja ten ta przez jestem dlaczego "
        "kiedy bez juz tylko czego jego pod",
        "tr": "ve bir bu icin ile de da ne nasil neden mi cok ben sen biz daha en gibi kadar var yok olan degil her ama sonra "
        "benim o mu nedir yapilir",
        "id": "yang dan di ini itu untuk dengan dari ke tidak ada aku kamu saya kita cara apa kenapa bagaimana bisa akan "
        "sudah lagi adalah pada juga buat jadi gak banget",
        "vi": "la va cua cho voi khong mot nhung cac trong nay do co duoc nguoi toi ban lam cach nhu khi thi da se o tu ra vao nhat",
        "sv": "och det att i en ett ar pa som for med av den inte jag du vi min din till har om hur varfor nar kan fran mitt ska",
        "ro": "si de la in cu nu un o pe este ce care din pentru sa am ai mai cum ca eu tu noi dar sunt fost meu mea prin sau lui te",
    }.items()
}
CYRILLIC: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "ru": "и в на не что как это я с по за из для мы вы он она они мои моя у от до так все но где когда почему или бы же только",
        "uk": "і в на не що як це я з по за для ми ви він вона вони мій моя у від до так все але де коли чому або та тільки",
        "bg": "и в на не че как това аз с по за от до ние вие той тя те се са да ще но къде кога защо или със съм",
        "sr": "и у на не да како ово ја са по за од до ми ви он она они се су али где кад зашто или је сам",
    }.items()
}
# Letters before folding. One of them is as good as a small word of its own; English has none.
LETTERS: Mapping[str, str] = {
    "es": "ñ¿¡", "pt": "ãõ", "fr": "œèêùç", "de": "ßäöü", "pl": "łąęśżźćń", "tr": "ğış", "vi": "đơưạảấầẩậắằặẹẻẽếềểệỉịọỏốồổộớờởợụủứừửựỳỵ",
    "sv": "åäö", "ro": "țșăâ", "it": "òì", "ru": "ыэё", "uk": "їєґі", "bg": "ъщ", "sr": "ђјљњћџ",
}  # fmt: skip
# Languages of the Arabic script by letters that Arabic lacks.
ARABIC_LETTERS: Mapping[str, str] = {"ur": "ٹڈڑںےہ", "fa": "پچژگکی"}
