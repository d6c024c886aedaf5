"""Serve the gateway: `python -m integration.gateway` is `probity gateway`."""

import sys

from integration.cli.main import script

if __name__ == "__main__":
    sys.argv.insert(1, "gateway")
    script()
