"""Figures of speed as ratios within one run; docs/performance.md says how to read them."""
