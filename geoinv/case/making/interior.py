"""Step."""


def make(job, folder):
    return []
