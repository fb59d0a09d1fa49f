"""KaTeX in Node: its installation and its process.

Nothing of KaTeX is part of livenotes. `package-lock.json` names its exact version and checksum;
`npm ci` fetches it once from the registry that the user's npm is set to.
"""
