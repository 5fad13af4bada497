"""The times of a turn that have to agree across modules and workers, in seconds, and how they depend on each other.

A turn holds its thread by a lease, which it renews long before it runs out, and keeps its events with that. Whoever
finds a lease that ran out waits before they end the turn: one whose database was away, or whose worker was held up,
renews it meanwhile. All of that together stays below the five seconds after which what a killed worker left is there.
While its database is away nobody can take a turn's thread, so that a write is retried for longer than the lease lasts;
what a renewal may wait is longer than that again. A viewer on another worker is noted for longer than the turn takes to
renew its lease, so that two polls never leave a gap. A stop is noticed at a renewal at the latest, ends the model's run
soon after, and fits into a shutdown, as a retry does.

The last five are of a connection, before its request is whole.

All are read where they are used (`timing.LEASE_SECONDS`), so that a test shortens them in one place.
"""

LEASE_SECONDS = 3.2
"""How long a thread stays held when its turn does not renew the lease any more."""
RENEW_SECONDS = 2.0
"""Between two renewals of the lease; a stop that was asked on another worker takes effect then."""
RENEW_VIEWED_SECONDS = 0.5
"""Between two renewals while the turn is viewed on another worker."""
RENEW_AGAIN_SECONDS = 0.4
"""Between a renewal that failed and the next one."""
KEEP_SECONDS = 0.6
"""How long an event may be shown before it is kept, with a renewal; a second with the time that this takes."""
GATHER_SECONDS = 0.1
"""How long a renewal waits for others of the same worker, to be written together with them."""
DOUBT_SECONDS = 0.8
"""How long whoever finds a lease that ran out waits for its turn to renew it after all."""
STORE_SECONDS = 10.0
"""How long a turn waits for the database to renew its lease or to keep an answer."""
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
HEADERS_SECONDS = 30.0
"""How long the headers of a request may take in all, and how long a connection may send nothing."""
IDLE_SECONDS = 5
"""How long a connection may be silent between two requests; whole, as servers take it."""
BODY_SECONDS = 60.0
"""How long the body of a request may take in all."""
BODY_CHECK_SECONDS = 10.0
"""Between two looks at how fast a body comes."""
LINGER_SECONDS = 2.0
"""How long a connection stays open after what it sent was refused, for the client to read why."""
