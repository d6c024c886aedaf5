"""Write the reference pages anew: `python -m integration.reference`."""

from integration.reference.pages import main

if __name__ == "__main__":
    print(*main(), sep="\n")
