"""The examples are what rules are tested on; some are named like tests, and none is one."""

collect_ignore = ["examples"]
