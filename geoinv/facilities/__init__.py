"""What people said: locations, sketches, matches, footprints, incidents."""
