"""Writes a tar of so many small files of text to stdout, with a Dockerfile: small.py COUNT."""

import io
import random
import sys
import tarfile

WORDS = ("archive", "build", "context", "digest", "image", "layer", "queue", "registry", "sandbox", "source", "target", "worker")


def main():
    chance = random.Random(1)
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|", bufsize=1 << 20) as tar:
        add(tar, "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")
        for number in range(int(sys.argv[1])):
            lines = (" ".join(chance.choices(WORDS, k=10)) + " %d" % chance.getrandbits(32) for _ in range(8))
            add(tar, "src/%03d/file-%06d.txt" % (number // 200, number), "\n".join(lines))


def add(tar, name, text):
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


main()
