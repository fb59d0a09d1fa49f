"""The room that knows Node: KaTeX installed, its process, and the formulas it has rendered.

Nothing of KaTeX is part of livenotes: `package-lock.json` names its exact version and checksum,
and `npm ci` fetches it once from the registry that the user's npm is set to.
"""
