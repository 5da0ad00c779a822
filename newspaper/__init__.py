"""A small town's newspaper for the demo: a front page and four articles, as static pages.

It stands in for a newsroom's own site, is another origin than ours on purpose, and knows of us no
more than an address. Begin with `pages.py`.
"""
