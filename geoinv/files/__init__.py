"""Readers and atomic writers of outside formats."""
