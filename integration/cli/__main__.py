"""The command line: `python -m integration.cli` is `probity`."""

from integration.cli.main import script

if __name__ == "__main__":
    script()
