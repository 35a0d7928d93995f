import random
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.text import SAMPLINGS, number_of_batches, random_batches, sequential_batches, tokens_needed
from rnnlab.validation import InvalidInput

SAMPLERS = dict(zip(SAMPLINGS, (random_batches, sequential_batches), strict=True))


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def listed(batches):
    return [(X.tolist(), Y.tolist()) for X, Y in batches]


# --- what the tutorials print for range(30), batch size 2, 6 steps ---------------------------------------------------


def test_sequential_batches_as_printed():
    assert listed(sequential_batches(torch.arange(30), 2, 6)) == [
        ([[0, 1, 2, 3, 4, 5], [15, 16, 17, 18, 19, 20]], [[1, 2, 3, 4, 5, 6], [16, 17, 18, 19, 20, 21]]),
        ([[6, 7, 8, 9, 10, 11], [21, 22, 23, 24, 25, 26]], [[7, 8, 9, 10, 11, 12], [22, 23, 24, 25, 26, 27]]),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_random_batches_as_printed_in_any_order(seed):
    batches = listed(random_batches(torch.arange(30), 2, 6, seeded(seed)))
    assert len(batches) == 2
    rows = sorted(pair for X, Y in batches for pair in zip(X, Y, strict=True))
    assert rows == [
        ([0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]),
        ([6, 7, 8, 9, 10, 11], [7, 8, 9, 10, 11, 12]),
        ([12, 13, 14, 15, 16, 17], [13, 14, 15, 16, 17, 18]),
        ([18, 19, 20, 21, 22, 23], [19, 20, 21, 22, 23, 24]),
    ]


def test_random_batches_come_in_every_order():
    orders = {str(listed(random_batches(torch.arange(19), 2, 6, seeded(seed)))) for seed in range(60)}
    assert len(orders) == 6  # two of three pieces, in order


# --- the definitions of the tutorial with random offsets, in lists ---------------------------------------------------


def pieces_from(offset, tokens, num_steps):
    starts = range(offset, offset + (tokens - offset - 1) // num_steps * num_steps, num_steps)
    return {tuple(range(start, start + num_steps)) for start in starts}


def walk_from(offset, tokens, batch_size, num_steps):
    row = (tokens - offset - 1) // batch_size
    return [
        [list(range(offset + i * row + t, offset + i * row + t + num_steps)) for i in range(batch_size)]
        for t in range(0, row // num_steps * num_steps, num_steps)
    ]


def test_random_offsets_of_random_batches():
    seen = set()
    for seed in range(100):
        rows = {tuple(row) for X, _ in listed(random_batches(torch.arange(40), 1, 6, seeded(seed), True)) for row in X}
        offset = min(rows)[0]
        assert rows == pieces_from(offset, 40, 6)
        seen.add(offset)
    assert seen == set(range(6))  # 0 to num_steps - 1


def test_random_offsets_of_sequential_batches():
    seen = set()
    for seed in range(100):
        batches = listed(sequential_batches(torch.arange(40), 2, 6, seeded(seed), True))
        offset = batches[0][0][0][0]
        assert [X for X, _ in batches] == walk_from(offset, 40, 2, 6)
        seen.add(offset)
    assert seen == set(range(7))  # 0 to num_steps


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def epochs(draw):
    sampling, random_offset = draw(st.sampled_from(SAMPLINGS)), draw(st.booleans())
    batch_size, num_steps = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    needed = tokens_needed(batch_size, num_steps, sampling, random_offset)
    tokens = needed + draw(st.integers(0, 80))
    return sampling, tokens, batch_size, num_steps, random_offset


@given(epochs(), st.integers(0, 2**32))
def test_every_batch_of_an_epoch_has_shifted_targets(epoch, seed):
    sampling, tokens, batch_size, num_steps, random_offset = epoch
    sample = SAMPLERS[sampling]
    batches = list(sample(torch.arange(tokens), batch_size, num_steps, seeded(seed), random_offset))

    assert len(batches) >= 1
    at_least = number_of_batches(tokens, batch_size, num_steps, sampling, random_offset)
    assert at_least == len(batches) or (random_offset and at_least < len(batches))
    for x, y in batches:
        assert x.shape == y.shape == (batch_size, num_steps)
        assert x.dtype == y.dtype == torch.int64
        assert torch.equal(y, x + 1)
        assert torch.equal(x, x[:, :1] + torch.arange(num_steps))
    inputs = torch.cat([X.flatten() for X, _ in batches])
    assert len(inputs.unique()) == len(inputs)

    again = sample(torch.arange(tokens), batch_size, num_steps, seeded(seed), random_offset)
    assert listed(again) == listed(batches)

    if sampling == "sequential":
        for (x, _), (next_x, _) in pairwise(batches):
            assert torch.equal(next_x[:, 0], x[:, -1] + 1)


@given(epochs())
def test_the_number_of_batches_is_the_minimum_over_all_offsets(epoch):
    sampling, tokens, batch_size, num_steps, random_offset = epoch
    counts = {
        len(list(SAMPLERS[sampling](torch.arange(tokens), batch_size, num_steps, seeded(seed), random_offset)))
        for seed in range(8)
    }
    at_least = number_of_batches(tokens, batch_size, num_steps, sampling, random_offset)
    assert counts == {at_least} or (random_offset and min(counts) >= at_least)


@given(epochs())
def test_one_token_fewer_than_needed_is_refused_with_every_seed(epoch):
    sampling, _, batch_size, num_steps, random_offset = epoch
    needed = tokens_needed(batch_size, num_steps, sampling, random_offset)
    with pytest.raises(InvalidInput, match=f"give at least {needed}, or lower batch_size or num_steps") as refusal:
        SAMPLERS[sampling](torch.arange(needed - 1), batch_size, num_steps, seeded(), random_offset)
    assert (refusal.value.code, refusal.value.field) == ("less_than_a_batch", "corpus")


def test_only_the_given_generator_is_drawn_from():
    torch.manual_seed(1)
    random.seed(1)
    before = torch.get_rng_state(), random.getstate()
    for sample in SAMPLERS.values():
        list(sample(torch.arange(100), 2, 5, seeded(), random_offset=True))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


def test_one_generator_gives_each_epoch_another_order():
    generator = seeded()
    epochs = [listed(random_batches(torch.arange(200), 2, 5, generator)) for _ in range(2)]
    assert epochs[0] != epochs[1]


def test_sequential_batches_without_offset_draw_no_random_number():
    generator = seeded()
    before = generator.get_state()
    list(sequential_batches(torch.arange(100), 2, 5, generator))
    assert torch.equal(generator.get_state(), before)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_batches_stay_on_the_device_of_the_ids(sampling):
    x, y = next(SAMPLERS[sampling](torch.arange(100, device="meta"), 2, 5, seeded()))
    assert x.device.type == y.device.type == "meta"


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, None, float("nan")])
@pytest.mark.parametrize("name", ["batch_size", "num_steps"])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_sizes_are_checked_by_name_at_the_call(sampling, name, wrong):
    sizes = {"batch_size": 2, "num_steps": 5, name: wrong}
    with pytest.raises(InvalidInput, match=f"^{name}: "):
        SAMPLERS[sampling](torch.arange(100), generator=seeded(), **sizes)


def test_number_of_batches_names_the_field_and_the_sampling():
    with pytest.raises(InvalidInput, match=r"^held_out: 10 tokens are fewer"):
        number_of_batches(10, 32, 35, "random", field="held_out")
    with pytest.raises(InvalidInput, match=r"^sampling: "):
        number_of_batches(100, 2, 5, "shuffled")


def test_the_tutorials_epochs():
    assert number_of_batches(10_000, 32, 35, "random") == 8
    assert number_of_batches(10_000, 32, 35, "sequential") == 8


def test_ids_are_one_sequence():
    with pytest.raises(ValueError, match=r"\(2, 50\)"):
        random_batches(torch.arange(100).view(2, 50), 2, 5, seeded())


def test_a_random_offset_needs_a_generator():
    with pytest.raises(ValueError, match="give a generator"):
        sequential_batches(torch.arange(100), 2, 5, random_offset=True)
