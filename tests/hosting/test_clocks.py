"""A clock for durations, of a process that was stopped."""

from rnnlab.hosting.clocks import MAX_STEP, AwakeClock


class Time:
    now = 1000.0

    def __call__(self):
        return self.now


def test_the_clock_counts_the_time_between_frequent_readings():
    source = Time()
    clock = AwakeClock(source)
    began = clock()
    for _ in range(75):
        source.now += 1.0
        clock()
    assert clock() - began == 75.0


def test_the_clock_does_not_count_the_time_in_which_the_process_was_stopped():
    source = Time()
    clock = AwakeClock(source)
    began = clock()
    source.now += 75.0
    assert clock() - began == MAX_STEP
    source.now -= 3600.0
    assert clock() - began == MAX_STEP
