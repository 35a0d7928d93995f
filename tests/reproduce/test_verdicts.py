"""The verdicts on results."""

import pytest

from rnnlab.reproduce import AGREES, BETTER, DIFFERS, UNPUBLISHED, verdict

INF = float("inf")


@pytest.mark.parametrize(
    ("published", "ours", "expected"),
    [
        ({50: 3.0}, {50: (3.19, 3.1, 3.3)}, AGREES),  # 2.19 < 1.1 · 2
        ({50: 3.0}, {50: (3.21, 3.1, 3.3)}, DIFFERS),
        ({50: 3.0}, {50: (3.21, 2.9, 3.3)}, AGREES),  # within the spread
        ({50: 3.0}, {50: (2.83, 2.8, 2.9)}, AGREES),  # 1.83 · 1.1 = 2.013
        ({50: 3.0}, {50: (2.81, 2.8, 2.9)}, BETTER),
        ({50: 1.02}, {50: (1.0185, 1.018, 1.019)}, AGREES),  # the distances from 1 are compared
        ({50: 1.02}, {50: (1.017, 1.016, 1.018)}, BETTER),
        ({50: 3.0, 100: 1.5}, {50: (2.5, 2.4, 2.6), 100: (1.5, 1.4, 1.6)}, BETTER),  # better where it does not agree
        ({50: 3.0, 100: 1.5}, {50: (2.5, 2.4, 2.6), 100: (1.7, 1.6, 1.8)}, DIFFERS),
        ({50: 3.0, 100: 1.5}, {50: (3.0, 3.0, 3.0)}, AGREES),  # not trained that far
        ({}, {50: (3.0, 3.0, 3.0)}, UNPUBLISHED),
        ({50: 3.0}, {}, UNPUBLISHED),
        ({50: 3.0}, {50: (INF, 2.9, INF)}, DIFFERS),  # most trainings diverged
        ({50: 3.0}, {50: (3.1, 2.9, INF)}, AGREES),  # one did
        ({50: 3.0}, {50: (3.5, 2.9, INF)}, DIFFERS),
    ],
)
def test_the_verdict_on_perplexities(published, ours, expected):
    assert verdict(published, ours, smaller_is_better=True) == expected


@pytest.mark.parametrize(("share", "expected"), [(1.0, AGREES), (0.8, AGREES), (0.6, DIFFERS)])
def test_the_verdict_on_shares(share, expected):
    assert verdict({100: 0.8}, {100: (share, 0.2, 1.0)}, smaller_is_better=False) == expected
