"""What a program may do, and what applaunch denies it, whatever a catalog says."""
