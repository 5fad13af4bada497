"""The times that have to agree: each inequality that their module promises."""

from booklight import timing
from booklight.store.leases import LONGEST_SECONDS


def test_a_lease_outlasts_the_pause_before_a_renewal() -> None:
    assert timing.KEEP_SECONDS < timing.RENEW_SECONDS < timing.LEASE_SECONDS < LONGEST_SECONDS


def test_what_a_killed_worker_left_is_there_within_five_seconds_and_lacks_a_second_at_most() -> None:
    assert timing.LEASE_SECONDS + timing.DOUBT_SECONDS + timing.POLL_SECONDS < 5
    assert timing.KEEP_SECONDS + timing.GATHER_SECONDS < 1


def test_a_turn_whose_database_was_away_renews_its_lease_before_it_is_taken_for_dead() -> None:
    assert timing.GATHER_SECONDS + timing.RENEW_AGAIN_SECONDS < timing.DOUBT_SECONDS


def test_a_write_is_retried_for_less_than_a_turn_waits() -> None:
    assert timing.LEASE_SECONDS < timing.RETRY_SECONDS < timing.STORE_SECONDS


def test_a_viewer_on_another_worker_is_noted_from_one_renewal_to_the_next() -> None:
    assert timing.RENEW_VIEWED_SECONDS < timing.RENEW_SECONDS
    assert timing.POLL_SECONDS + 2 * timing.RENEW_SECONDS < timing.VIEWED_SECONDS


def test_a_stop_and_a_retry_fit_into_a_shutdown() -> None:
    assert timing.RENEW_SECONDS + timing.STOP_SECONDS < timing.SHUTDOWN_SECONDS
    assert timing.RETRY_SECONDS < timing.SHUTDOWN_SECONDS
