"""``python -m nonet``."""

from nonet.cli import main

raise SystemExit(main())
