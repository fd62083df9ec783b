"""The tests of applaunch, and the rig they run on."""
