"""bubblewrap on this machine: unpacked images, and the programs that run from them."""
