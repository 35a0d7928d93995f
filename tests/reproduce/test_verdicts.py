"""The verdicts on results."""

import pytest

from rnnlab.reproduce import AGREES, BETTER, DIFFERS, UNPUBLISHED, verdict


@pytest.mark.parametrize(
    ("published", "ours", "expected"),
    [
        ({50: 3.0}, {50: 3.5}, AGREES),  # 2.5 = 1.25 · 2
        ({50: 3.0}, {50: 3.51}, DIFFERS),
        ({50: 3.0}, {50: 2.6}, AGREES),  # 1.6 · 1.25 = 2: no more than the factor better
        ({50: 3.0}, {50: 2.5}, BETTER),
        ({50: 3.0, 100: 1.5}, {50: 2.5, 100: 1.5}, AGREES),  # better at one epoch only
        ({50: 3.0, 100: 1.5}, {50: 2.5, 100: 1.7}, DIFFERS),
        ({50: 3.0, 100: 1.5}, {50: 3.0}, AGREES),  # not trained that far
        ({}, {50: 3.0}, UNPUBLISHED),
        ({50: 3.0}, {}, UNPUBLISHED),
        ({50: 3.0}, {50: float("inf")}, DIFFERS),
    ],
)
def test_the_verdict_on_perplexities(published, ours, expected):
    assert verdict(published, ours, smaller_is_better=True) == expected


@pytest.mark.parametrize(("share", "expected"), [(1.0, AGREES), (0.8, DIFFERS)])
def test_the_verdict_on_shares(share, expected):
    assert verdict({100: 1.0}, {100: share}, smaller_is_better=False) == expected
