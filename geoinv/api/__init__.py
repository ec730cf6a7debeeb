"""What may be shown: publishing, releases and their server."""
