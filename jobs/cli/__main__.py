"""``python -m jobs.cli``: the console script, for children of our own."""

from jobs.cli import main

main()
