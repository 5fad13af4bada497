"""The times of a turn that have to agree across modules and workers, in seconds, and how they depend on each other.

A turn holds its thread by a lease, which it renews long before it runs out: what a renewal may wait for the database,
and the pause before it, fit into the lease. A write that fails is retried for less than that wait, so that a turn whose
database restarts still holds its thread when it is back. A viewer on another worker is noted for longer than the turn
takes to renew its lease, so that two polls never leave a gap. A stop is noticed at a renewal at the latest, ends the
model's run soon after, and fits into a shutdown, as a retry does. The connection is kept alive more often than the
lease is given up, so that a client and a proxy never take a turn that goes on for one that died.

All are read where they are used (`timing.LEASE_SECONDS`), so that a test shortens them in one place.
"""

LEASE_SECONDS = 20.0
"""How long a thread stays held when its turn does not renew the lease any more."""
RENEW_SECONDS = 2.0
"""Between two renewals of the lease; a stop that was asked on another worker takes effect then."""
RENEW_VIEWED_SECONDS = 0.5
"""Between two renewals while the turn is viewed on another worker: what is shown there comes with them."""
STORE_SECONDS = 10.0
"""How long a turn waits for the database to renew its lease or to keep an answer; half of the lease."""
RETRY_SECONDS = 8.0
"""How long a turn retries a write, counted from the first that failed."""
STOP_SECONDS = 5.0
"""How long an answer that was stopped may take to end by itself before it is cancelled."""
POLL_SECONDS = 0.5
"""Between two polls of a turn by a worker that does not run it."""
VIEWED_SECONDS = 6.0
"""How long after such a poll the turn counts as viewed, which keeps it going."""
SHUTDOWN_SECONDS = 10
"""How long the end of a process waits for its turns after they were stopped; whole, as servers take it."""
KEEPALIVE_SECONDS = 15.0
"""How long a stream may be silent before it sends a comment."""
