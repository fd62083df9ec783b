"""Where the images of deployments are: with the engine, or in trees where this machine has none."""
