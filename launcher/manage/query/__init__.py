"""Commands that only read: search, status, diff, permissions, disk usage."""
