"""Deployments and transactions: records, differences, retention and undo."""
