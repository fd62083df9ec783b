"""Commands that change apps: add, upgrade, rollback, remove, undo and the like."""
