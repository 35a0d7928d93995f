"""Clocks for durations: what they make of a process that was stopped and of a wall clock that was set."""

from rnnlab.hosting.clocks import GAP, AwakeClock, WallClock


class Time:
    now = 1000.0

    def __call__(self):
        return self.now


def test_awake_time_goes_on_as_long_as_somebody_reads_the_clock():
    source = Time()
    clock = AwakeClock(source)
    began = clock()
    for _ in range(75):
        source.now += 1.0
        clock()
    assert clock() - began == 75.0


def test_a_process_that_was_stopped_was_not_awake():
    source = Time()
    clock = AwakeClock(source)
    began = clock()
    source.now += 75.0
    assert clock() - began == GAP
    source.now -= 3600.0
    assert clock() - began == GAP


def test_a_wall_clock_that_was_set_is_noticed_once():
    wall, monotonic = Time(), Time()
    clock = WallClock(wall, monotonic)
    for hours in (2, -5):
        wall.now += 100.0
        monotonic.now += 100.0
        assert not clock.was_set()
        wall.now += hours * 3600
        assert clock.was_set()
        assert not clock.was_set()
