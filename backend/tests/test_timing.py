"""The times that have to agree: each inequality that their module promises."""

from booklight import timing
from booklight.store.leases import LONGEST_SECONDS


def test_a_lease_outlasts_the_pause_before_a_renewal_and_the_wait_for_it() -> None:
    assert timing.RENEW_SECONDS + timing.STORE_SECONDS < timing.LEASE_SECONDS
    assert timing.STORE_SECONDS == timing.LEASE_SECONDS / 2
    assert timing.LEASE_SECONDS < LONGEST_SECONDS


def test_a_write_is_retried_while_the_thread_is_held() -> None:
    assert timing.RETRY_SECONDS < timing.STORE_SECONDS


def test_a_viewer_on_another_worker_is_noted_from_one_renewal_to_the_next() -> None:
    assert timing.RENEW_VIEWED_SECONDS < timing.RENEW_SECONDS
    assert timing.POLL_SECONDS + 2 * timing.RENEW_SECONDS < timing.VIEWED_SECONDS < timing.LEASE_SECONDS


def test_a_stop_and_a_retry_fit_into_a_shutdown() -> None:
    assert timing.RENEW_SECONDS + timing.STOP_SECONDS < timing.SHUTDOWN_SECONDS
    assert timing.RETRY_SECONDS < timing.SHUTDOWN_SECONDS


def test_a_stream_says_that_it_is_alive_before_a_lease_could_run_out() -> None:
    assert timing.KEEPALIVE_SECONDS < timing.LEASE_SECONDS
