"""`applaunch doctor`: checks of the machine and the record, and their repairs."""
