"""``python -m vectordb``."""

import sys

from vectordb.cli import main

sys.exit(main())
