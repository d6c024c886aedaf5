"""Serve the gateway: `python -m integration.gateway`; `probity gateway` does the same."""

from integration.gateway.serve import main

if __name__ == "__main__":
    main()
