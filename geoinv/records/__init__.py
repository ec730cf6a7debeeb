"""The nouns: what is known, in frozen types."""
