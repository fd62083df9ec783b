"""The matrix: the behaviour tests on every engine that this machine can run, told as one table."""
