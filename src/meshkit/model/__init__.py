"""What a mesh is made of, as frozen data. No clock, file, network or environment."""
