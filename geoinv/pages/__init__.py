"""What people look at: figures, maps, reports, and the words."""
