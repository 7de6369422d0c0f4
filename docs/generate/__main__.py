"""``python -m docs.generate`` (``make docs``): writes the generated pages anew."""

import sys

from docs.generate.pages import PAGES

for path, render in PAGES.items():
    path.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {path.parent.name}/{path.name}\n")
