"""One call of a command, planned: from the entry and the call to a complete `RunSpec`."""
