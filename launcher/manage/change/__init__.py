"""The parts of every change to installed apps: plan, consent, images, apply."""
