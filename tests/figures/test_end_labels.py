"""Labels at the right end of lines: where they stand, and what they say."""

import math

import pytest

from rnnlab.figures.end_labels import End, end_of, spread, text_width


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([], []),
        ([10.0, 12.0, 50.0], [7.0, 15.0, 50.0]),
        ([50.0, 12.0, 10.0], [50.0, 15.0, 7.0]),  # in the order of the lines
        ([1.0, 2.0], [0.0, 8.0]),  # not below the axis
        ([99.0, 99.5, 100.0], [84.0, 92.0, 100.0]),  # not above it
        ([20.0, 27.0, 30.0], [20.0 - 7 / 3, 20.0 - 7 / 3 + 8, 20.0 - 7 / 3 + 16]),  # the mean of 20, 19 and 14
    ],
)
def test_labels_are_moved_apart_as_little_as_possible(places, moved):
    """By hand; `lib/end_labels.test.js` has the same."""
    assert spread(places, gap=8.0, low=0.0, high=100.0) == pytest.approx(moved)


def test_more_labels_than_fit_begin_at_the_lower_end():
    assert spread([5.0, 6.0, 7.0], gap=8.0, low=0.0, high=10.0) == [0.0, 8.0, 16.0]


def test_the_end_of_a_line_is_its_last_point():
    assert end_of([(1, 9.0), (2, 4.0)]) == End(2.0, 4.0)
    assert end_of([(1, 9.0), (2, math.inf)]) == End(2.0, None)
    assert end_of([]) == end_of(None) == End()


def test_a_chinese_label_is_wider():
    assert text_width("困惑度") > text_width("abc")
