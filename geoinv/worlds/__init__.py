"""Known-truth facilities, witnesses and scenes.

``world`` makes one from a seed, ``write`` lays it down as a case. The truth is in ``plan`` (with ``compound``,
``block``, ``surroundings``); ``scenes`` (with ``meshes``, ``textures``) is what satellites see of it; ``witnesses``,
``drawings``, ``interiors`` and ``incidents`` are what people give, ``paper`` (with ``lettering``) their drawings as
files. ``practice`` (with ``pens``, ``phones``) makes sheets to learn and measure tracing by.
Everything is fictional and says so.
"""
