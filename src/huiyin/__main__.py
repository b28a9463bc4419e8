"""`python -m huiyin` is the `huiyin` command."""

import sys

from huiyin.cli import main

sys.exit(main())
