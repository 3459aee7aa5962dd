"""The fast reading of Prometheus' text format says what a slow and simple one says."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.collectors.exposition import GarbledText, parse_labels, samples

NAMES = st.sampled_from(["a", "_", "UUID", "gpu", "exported_namespace", "le9"])
# Everything that means something to the format, and what other tools take for the end of a line.
VALUES = st.text(' ,={}#"\\\n\tnaé☃\x0b\x85\u2028', max_size=12)
BLANKS = st.sampled_from(["", "", "", " ", "\t", "  "])
NUMBERS = st.one_of(st.floats(allow_nan=False, width=32), st.integers(-(10**18), 10**18))
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@st.composite
def lines(draw, name):
    """(text of a sample's line, its labels, its value) in any of the ways that the format allows."""
    labels = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    number = draw(NUMBERS)
    pairs = [
        f'{draw(BLANKS)}{key}{draw(BLANKS)}={draw(BLANKS)}"{value.translate(ESCAPES)}"{draw(BLANKS)}'
        for key, value in labels.items()
    ]
    comma = draw(st.sampled_from(["", ","])) if pairs else ""
    braces = "{" + ",".join(pairs) + comma + "}" if labels or draw(st.booleans()) else ""
    stamp = draw(st.sampled_from(["", "", " 1395066363000", "\t-5"]))
    gap = draw(st.sampled_from([" ", " ", " ", "\t", "  "]))
    if braces and draw(st.booleans()):
        gap = draw(st.sampled_from(["", " "]))
    return f"{name}{draw(BLANKS)}{braces}{gap}{number!r}{stamp}", labels, float(number)


@given(st.lists(lines("gpu_util"), max_size=6), st.lists(lines("gpu_util_other"), max_size=3), st.data())
def test_any_lawful_text_is_read_in_full(wanted, others, data):
    text = "# HELP gpu_util Some.\n# TYPE gpu_util gauge\n"
    text += "".join(line + "\n" for line, _, _ in wanted)
    text += "# TYPE gpu_util_other gauge\n" + "".join(line + "\n" for line, _, _ in others)
    if data.draw(st.booleans()):
        text = text.rstrip("\n") + "\n# EOF"
    found = samples(text, "gpu_util")
    assert [parse_labels(each) for each in found.labels] == [labels for _, labels, _ in wanted]
    assert found.values.tolist() == [value for _, _, value in wanted]
    assert found.garbled == 0


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_reading(text):
    for start in ("", "gpu_util", "gpu_util{", '\ngpu_util{a="'):
        found = samples(start + text, "gpu_util")
        assert len(found.labels) == len(found.values)
        for labels in found.labels:
            with suppress(GarbledText):
                parse_labels(labels)


@pytest.mark.parametrize("number", ["NaN", "+Inf", "-Inf", "1e-5", "0x", "12 x", "", "1_000 "])
def test_numbers_are_read_as_the_format_writes_them(number):
    found = samples(f'a{{b="c"}} 1\na{{b="d"}} {number}\n', "a")
    try:
        expected = float(number)
    except ValueError:
        assert (found.values.tolist(), found.garbled) == ([1.0], 1)
    else:
        assert found.values[1] == expected or math.isnan(expected)


def test_a_metric_in_several_runs_is_read_whole_and_names_that_begin_alike_are_not_taken():
    text = 'a{x="1"} 1\nab{x="1"} 2\n# TYPE b gauge\nb 3\na{x="2"} 4\n# TYPE c gauge\na{x="3"} 5'
    found = samples(text, "a")
    assert (found.labels, found.values.tolist()) == (['x="1"', 'x="2"', 'x="3"'], [1, 4, 5])


def test_a_brace_and_a_blank_inside_a_value_do_not_end_the_labels():
    found = samples('a{x="} 7"} 3\na{x="} "} 4 1395066363000\n', "a")
    assert [parse_labels(each) for each in found.labels] == [{"x": "} 7"}, {"x": "} "}]
    assert found.values.tolist() == [3, 4]


@pytest.mark.parametrize("text", ["a", "a=b", 'a="b', '="b"', 'a="b"c="d"', 'a="b",,', '1a="b"', 'a="b\\"'])
def test_what_is_no_label_set_is_refused(text):
    with pytest.raises(GarbledText):
        parse_labels(text)


def test_number_signs_in_labels_are_no_comments_however_many():
    text = "".join(f'a{{b="##{n}##"}} {n}\n# c\n' for n in range(300))
    assert samples(text, "a").values.tolist() == list(range(300))
