"""What each step of a build does: reads earlier outputs, calls the crafts, writes its own."""
