"""Names made comparable: one spelling for every way in which a name is written, so that tricks and habits do not hide it.

Case, diacritics, ligatures, width, alphabet (Greek and Cyrillic are read in Latin letters), legal forms, punctuation
and characters that nobody sees make no difference. What is compared is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from tenants.questions.answers import INVISIBLE

LATIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŋ": "n",
        "ı": "i", "ĸ": "k", "ŧ": "t", "ſ": "s", "ŉ": "n", "ĳ": "ij", "ə": "e", "’": "", "'": "", "ʼ": "", "`": "",
        "´": "", "&": " ", "·": "", "ـ": "",
    }
)  # fmt: skip
CYRILLIC = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "ђ": "d", "е": "e", "є": "e", "ж": "zh", "з": "z",
        "и": "i", "і": "i", "ї": "i", "й": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj",
        "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts",
        "ч": "ch", "џ": "dz", "ш": "sh", "щ": "sht", "ъ": "a", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia",
        "ѓ": "g", "ќ": "k", "ѕ": "dz", "ѐ": "e", "ѝ": "i",
    }
)  # fmt: skip
GREEK_PAIRS = (
    ("ου", "ou"), ("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("γγ", "ng"), ("τσ", "ts"), ("τζ", "tz"), ("αυ", "av"),
    ("ευ", "ev"), ("ει", "i"), ("οι", "i"), ("υι", "i"), ("αι", "ai"),
)  # fmt: skip
GREEK = str.maketrans(
    {
        "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
        "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
        "χ": "ch", "ψ": "ps", "ω": "o",
    }
)  # fmt: skip
LOOKALIKES = str.maketrans(
    {
        "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y",
        "х": "x", "і": "i", "ј": "j", "ѕ": "s", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ѵ": "v", "α": "a", "β": "b",
        "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w",
        "γ": "y", "ѡ": "w", "ӏ": "l",
    }
)  # fmt: skip
"""Letters of other alphabets that are taken for Latin ones."""
DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("ij", "y"))
"""Two letters that stand for one with a sign: Müller and Mueller are one name."""
LEGAL_FORMS = frozenset(
    [
        "ab",
        "abp",
        "ad",
        "ae",
        "ag",
        "aktiengesellschaft",
        "aktiebolag",
        "aktieselskab",
        "anpartsselskab",
        "aps",
        "as",
        "asbl",
        "bt",
        "bv",
        "bvba",
        "cic",
        "co",
        "corp",
        "corporation",
        "cv",
        "cvba",
        "cvoa",
        "dd",
        "dno",
        "doo",
        "eaa",
        "ead",
        "ee",
        "eeig",
        "eg",
        "ev",
        "epe",
        "eood",
        "eurl",
        "fkf",
        "gbr",
        "gie",
        "gmbh",
        "gmbhco",
        "ike",
        "inc",
        "incorporated",
        "is",
        "ivs",
        "kb",
        "kd",
        "kft",
        "kg",
        "kgaa",
        "kht",
        "kk",
        "kkt",
        "ks",
        "ky",
        "limited",
        "llc",
        "llp",
        "lp",
        "ltd",
        "ltda",
        "mbh",
        "nv",
        "nyrt",
        "oe",
        "og",
        "ohg",
        "ood",
        "ooo",
        "os",
        "osk",
        "osauhing",
        "ou",
        "oy",
        "oyj",
        "pao",
        "plc",
        "pt",
        "pte",
        "rt",
        "sa",
        "sab",
        "sarl",
        "sas",
        "sasu",
        "sca",
        "scop",
        "scrl",
        "sd",
        "se",
        "sia",
        "sl",
        "slu",
        "slne",
        "snc",
        "spa",
        "spj",
        "spk",
        "srl",
        "srls",
        "sro",
        "stiftung",
        "svb",
        "tapui",
        "tuu",
        "uab",
        "ug",
        "ui",
        "ulc",
        "vof",
        "vos",
        "zao",
        "zs",
        "zrt",
        "zoo",
    ]
)
"""Legal forms of the Union's countries without dots, as they come out of ``spelled``."""
WORD = re.compile(r"\w+")
LONGER_FORMS = re.compile(r"\b(?:sp z oo|spol s ro|gmbh co kg|ag co kg|co kg)\b")
INITIALS = re.compile(r"(?<!\w)(?:\w[./]\s?)+(?:\w(?!\w))?")
"""Letters with dots between them: "S.A.", "d. o. o.", "A/S"."""
CONTAINED, SEVERAL = 95, 2
WIDE_MARKS = re.compile("[\u115f\u1160\u180e\u2028\u2029\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e01ef]")
"""More of what nobody sees: fillers, variation selectors, tags."""


@lru_cache(maxsize=65_536)
def spelled(name: str) -> str:
    """The name in small Latin letters, digits and single spaces; letters of right-to-left scripts stay themselves."""
    text = _unmarked(unicodedata.normalize("NFKC", WIDE_MARKS.sub("", INVISIBLE.sub("", name))).casefold())
    text = INITIALS.sub(_join, text)
    words = [_letters(word) for word in WORD.findall(text.translate(LATIN))]
    return " ".join(word for word in words if word)


def _join(found: re.Match[str]) -> str:
    return re.sub(r"[./\s]", "", found[0]) + (" " if found[0][-1:].isspace() else "")


def _letters(word: str) -> str:
    if _mixed(word):
        word = word.translate(LOOKALIKES)
    plain = word
    for pair, read in GREEK_PAIRS:
        plain = plain.replace(pair, read)
    return plain.translate(CYRILLIC).translate(GREEK).translate(LATIN).replace("_", "")


def _unmarked(text: str) -> str:
    """Without signs on, below and inside the letters."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each)[0] != "M")


def _mixed(word: str) -> bool:
    """Whether letters of different alphabets stand in one word, as only somebody writes who wants to be misread."""
    scripts = {unicodedata.name(each, "").split(" ")[0] for each in word if each.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK"})


@lru_cache(maxsize=65_536)
def bare(name: str) -> str:
    """The name as it is compared: without its legal form, two letters for one sign read as one; "" of an empty one."""
    text = spelled(name)
    words = LONGER_FORMS.sub(" ", text).split() or text.split()
    kept = [word for word in words if word not in LEGAL_FORMS] or words
    text = " ".join(kept)
    for pair, read in DIGRAPHS:
        text = text.replace(pair, read)
    return text


@lru_cache(maxsize=65_536)
def readings(name: str) -> frozenset[str]:
    """Every way in which the name may be meant: by its sound, and by what its letters look like."""
    looks = unicodedata.normalize("NFKC", INVISIBLE.sub("", name)).casefold().translate(LOOKALIKES)
    return frozenset({bare(name), bare(looks)} - {""})


@lru_cache(maxsize=65_536)
def keys_of(name: str) -> frozenset[str]:
    """What two ways of writing one name have in common: its readings with their words in order; none of an empty name."""
    return frozenset(" ".join(sorted(each.split())) for each in readings(name))


def same_name(one: str, other: str) -> bool:
    """Whether two names are one name written in two ways; word order does not count."""
    return not keys_of(one).isdisjoint(keys_of(other))


def grams(text: str) -> frozenset[str]:
    """Groups of three letters, word by word; what names are compared by where they are not the same."""
    found: set[str] = set()
    for word in text.split():
        padded = f"  {word} "
        found.update(padded[n : n + 3] for n in range(len(padded) - 2))
    return frozenset(found)


def likeness(one: str, other: str) -> int:
    """How alike a name is to one of a list, both made comparable by ``bare``, in percent: 100 is the same words in any order.

    Dice's coefficient over groups of three letters. Where the list's name has several words and the other says all of
    them too ("Vostrel Trading" in "Vostrel Trading House"), it is ``CONTAINED`` at least; the reverse says nothing.
    """
    mine, theirs = one.split(), other.split()
    if sorted(mine) == sorted(theirs):
        return 100 if one else 0
    least = CONTAINED if len(set(theirs)) >= SEVERAL and set(theirs) < set(mine) else 0
    left, right = grams(one), grams(other)
    if not left or not right:
        return 0
    return max(least, min(99, round(200 * len(left & right) / (len(left) + len(right)))))


def best(names: Iterable[str], other: str) -> int:
    """The greatest likeness of any reading of ``names`` with a name that is comparable already."""
    return max((likeness(reading, other) for name in names for reading in readings(name)), default=0)
