"""Sourcegraph: where the code of a checkout does something."""
