"""What writes for the author: new chapters, missing fences, chapters from notebooks."""
