#!/usr/bin/env python3
"""links.py DIRECTORY: names every link in its documents that leads to no file below it, or to no heading."""
import pathlib
import re
import sys

FENCE = re.compile(r"^( *```).*?^\1|^(?:    |\t).*?$|`[^`\n]*`", re.S | re.M)  # code is not looked at


def anchors(text):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def problem(root, document, link):
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.is_relative_to(root) or not target.exists():
        return "no such file"
    if anchor and anchor not in anchors(target.read_text()):
        return "no such heading"
    return None


def main(root):
    root = pathlib.Path(root).resolve()
    links = broken = 0
    for document in sorted(root.rglob("*.md")):
        for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", document.read_text())):
            if re.match(r"[a-z]+:", link):
                continue
            links += 1
            found = problem(root, document, link)
            if found:
                broken += 1
                print(f"{document.relative_to(root)}: {link}: {found}")
    print(f"{links} links, {broken} broken")
    return 1 if broken or links == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
