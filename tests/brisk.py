"""A worker as it runs in service, for tests that wait on it: it tells its gauges often and is soon known to be dead.

It tells them five times a second, not every 15 s; killed while it delivers, it is given up after 2 s, not after 10.
"""

from datetime import timedelta
from functools import partial

import worker
from activities.webhooks import deliver
from integration.leaving import run
from integration.observability.gauges import watch
from workflows import subscription

__all__ = ["main"]


def main() -> None:
    """The worker."""
    vars(worker).update(watch=partial(watch, every=0.2))
    vars(deliver).update(BEAT=0.4)
    vars(subscription).update(HEARTBEAT=timedelta(seconds=2))
    run(worker.main())


if __name__ == "__main__":
    main()
