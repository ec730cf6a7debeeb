"""What satellites saw: scenes, outlines, heights, changes."""
