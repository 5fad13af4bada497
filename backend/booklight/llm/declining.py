"""Answers that state nothing: small talk, a question back, and that the book has no answer. They need no passage.

Told by words, in the languages below; in any other, that the book has no answer is held against the passages like any
statement, and shown as not from the book.
"""

import re
from functools import cache

from booklight.llm.grounding import NEGATION, sentences
from booklight_ingest.terms import split_terms

_TALK = """
    hello hi hey welcome thank thanks glad happy help ask question anything feel free please sorry good day great answer
    know let assist today reader
    hallo gern gerne bitte danke hilfe helfen frag hola gracias gusto ayudar ayuda bonjour merci plaisir aider aide ciao
    grazie prego piacere aiutare graag bedankt dank cześć dziękuję chętnie pomóc olá obrigado prazer ajudar
    здравствуйте привет спасибо пожалуйста помочь вітаю дякую ласка допомогти
"""
_THE_BOOK = """
    book passage passages documentation information context handbook
    buch handbuch stelle stellen passagen dokumentation kontext informationen libro manual pasaje pasajes documentación
    contexto información livre manuel passages contexte informations manuale passo passi brano brani documentazione
    contesto informazioni boek handboek documentatie informatie książka książce książki podręcznik fragment fragmenty
    fragmentach dokumentacja informacji livro trecho trechos documentação informação informações книга книге книги
    отрывок отрывки отрывках документация документации информации книзі уривок уривки уривках документація інформації
"""
_COVERING = """
    cover contain mention provide say answer find give specify discuss describe include address state information
    behandelt erwähnt enthält enthalten sagt nennt beschreibt beantwortet erklärt geht steht findet informationen
    trata menciona contiene dice cubre describe responde explica aborda información
    traite mentionne contient dit couvre décrit répond explique aborde parle informations
    tratta copre descrive risponde spiega parla informazioni
    vermeldt bevat zegt noemt beschrijft beantwoordt gaat informatie
    omawia wspomina zawiera zawierają mówi opisuje odpowiada wyjaśnia informacji
    contém diz cobre descreve informações
    рассматривает рассматривается упоминает упоминается содержит говорит говорится описывает отвечает объясняет
    информации
    розглядає згадує містить каже говорить описує відповідає пояснює інформації
"""
_BESIDE = """
    text section page chapter explicit specific topic detail question relate about seem appear exist nearest see
    directly any there
    thema frage dazu darüber davon hierzu scheint tema pregunta eso esto parece sujet question cela semble argomento
    domanda sembra onderwerp vraag daarover lijkt temat pytanie assunto pergunta isso тема теме вопрос об этом тему
    питання цього
"""
_YES_OR_NO = re.compile(
    r"\W*(?:yes|no|ja|nein|s[ií]|oui|non|sì|nee|tak|nie|sim|não|да|нет|так|ні|evet|hayır|はい|いいえ|네|아니요|是|否)\W*",
    re.IGNORECASE,
)


def states_nothing(text: str, question: str, locale: str = "en") -> bool:
    """Say whether a text is small talk, asks back, or says that the book has no answer, and so needs no passage."""
    return all(_states_nothing(sentence.text, question, locale) for sentence in sentences(text))


def declines(text: str, locale: str = "en") -> bool:
    """Say whether a text says that the book has no answer, as far as its words tell."""
    return bool(NEGATION.search(text) and _stems(_THE_BOOK, locale) & set(split_terms(text, locale)))


def _states_nothing(sentence: str, question: str, locale: str) -> bool:
    if _YES_OR_NO.fullmatch(sentence):
        return False
    terms = set(split_terms(sentence, locale))
    the_book, talk = _stems(_THE_BOOK, locale), _stems(_TALK, locale)
    if sentence.rstrip().endswith(("?", "？")) or terms <= talk | the_book:
        return True
    # It is the book that does not say: that something else is not so is a statement like any other.
    denies = bool(NEGATION.search(sentence) and terms & the_book and terms & _stems(_COVERING, locale))
    beside = _stems(_COVERING, locale) | _stems(_BESIDE, locale) | set(split_terms(question, locale))
    return denies and terms <= talk | the_book | beside


@cache
def _stems(words: str, locale: str) -> frozenset[str]:
    """Return words of all languages as a text in `locale` is split, since models do not always keep to its language."""
    return frozenset(split_terms(words, locale))
