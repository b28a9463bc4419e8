"""Huiyin turns a written policy into daily work, and daily work into proof."""

__version__ = "0.1.0"
