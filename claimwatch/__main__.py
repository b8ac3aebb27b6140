"""`python -m claimwatch`, the same as the command."""

from claimwatch.cli import main

if __name__ == "__main__":
    main()
