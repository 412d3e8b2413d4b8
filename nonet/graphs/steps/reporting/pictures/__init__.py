"""The report's pictures: SVG of our own, readable on light and dark, that loads nothing and runs nothing."""
