"""The desk's pages, one small module each."""
