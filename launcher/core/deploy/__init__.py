"""Deployments and transactions: records, plans, differences, retention and undo."""
