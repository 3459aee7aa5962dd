"""Names of organisations as they are compared: what looks or sounds the same to people becomes the same text.

Knows no model. ``key`` is for finding twins, never for showing: "Müller & Söhne GmbH", "MULLER UND SOHNE" and
"Müller+Söhne G.m.b.H." have one key.
"""

from __future__ import annotations

import re
import unicodedata

LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "\u0131": "i",
        "ŋ": "n",
    }
)
"""Letters of the Union's alphabets that Unicode does not take apart."""
SHORT_FORMS = """
    ab ag aps aro as asa asbl bv bvba cv cvba dac doo dd eg ehf eirl epe etat eurl ev gag ggmbh gie gmbh hf ike ivzw
    kda kft kg kgaa kom ks kommanditgesellschaft lda limited llc llp lp ltd mbh nv nyrt ood oe ohg oy oyj plc ry rt sa
    sagl sal sarl sas sasu sc sca sce scop scrl scs se sia sl slu snc soc sp spa spk spol spolka spzoo srl sro sti uab
    ug vof vzw zoo zrt αε εε επε ικε μον αδ ад еад еоод оод
"""
"""Short forms of company law in the Union, Norway, Iceland, Liechtenstein and Switzerland, without their points."""
FORMS = frozenset(SHORT_FORMS.split())
AND = frozenset({"and", "und", "et", "e", "y", "og", "och", "en", "ja", "i", "a", "ir", "un", "si", "και", "и"})
POLISH = re.compile(r"\bsp\.? ?z ?o\.? ?o\b\.?")
POINTED = re.compile(r"\b(?:\w\.){2,}|\b(?:\w\. ){2,}\w?\b")
SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
SHORTEST_MIXED = 2


def key(name: str) -> str:
    """The text by which two names are the same: without accents, case, marks, legal form and "and"."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = POLISH.sub(" ", text)
    text = POINTED.sub(lambda found: re.sub(r"[. ]", "", found[0]) + " ", text)
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    plain = "".join(
        each for each in plain.translate(LETTERS) if unicodedata.category(each) not in {"Cf", "Cc"} or each.isspace()
    )
    words = re.findall(r"\w+", plain.replace("_", " "))
    kept = [word for word in words if word not in FORMS and word not in AND]
    return " ".join(kept or words)


def mixed_word(text: str) -> str:
    """A word whose letters are of two alphabets, such as a Latin word with one Cyrillic letter; "" when there is none."""
    words: list[str] = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text))
    for word in words:
        found = {script for each in word if (script := _script(each))}
        if len(found) > 1 and len(word) >= SHORTEST_MIXED:
            return word
    return ""


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    found: str = next((script for script in SCRIPTS if name.startswith(script)), "")
    return found
