"""``python -m fairness``."""

import sys

from fairness.cli import main

if __name__ == "__main__":
    sys.exit(main())
