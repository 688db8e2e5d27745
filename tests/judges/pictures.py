"""Whether every picture of a page is well-formed XML that says what it shows.

    pictures.py PAGE...

Prints "ok" and the number of pictures of each page.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

from differs import Differs, expect


def main() -> None:
    for page in sys.argv[1:]:
        pictures = re.findall(r"<svg.*?</svg>", Path(page).read_text(encoding="utf-8"), re.DOTALL)
        for picture in pictures:
            root = ElementTree.fromstring(picture)
            said = {part.get("id") for part in root if part.tag in ("title", "desc") and (part.text or "").strip()}
            expect(said == set(root.get("aria-labelledby", "").split()), "a picture without words")
        print(f"ok {len(pictures)} pictures")


if __name__ == "__main__":
    try:
        main()
    except (Differs, ElementTree.ParseError) as error:
        sys.exit(str(error))
