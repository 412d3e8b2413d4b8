"""The blueprint of ``responsible_ai_audit``."""
