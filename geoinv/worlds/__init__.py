"""Known-truth facilities, witnesses and scenes.

``world`` makes one from a seed, ``write`` lays it down as a case; ``plan`` (with ``compound``, ``block``, ``surroundings``) is the
truth, ``scenes`` (with ``meshes``, ``textures``) what satellites see of it, ``witnesses``, ``drawings``, ``interiors`` and
``incidents`` what people give, ``paper`` (with ``lettering``) their drawings as files. Everything is fictional and says so.
"""
