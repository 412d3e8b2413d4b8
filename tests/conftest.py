"""What holds for every test."""

from hypothesis import HealthCheck, settings

# How fast examples are drawn says something of the machine, not of Nonet.
settings.register_profile("nonet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("nonet")
