"""Known-truth facilities, witnesses and scenes."""
