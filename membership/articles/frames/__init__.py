"""A topic, a vote or an outcome on other sites: small pages for frames, and oEmbed, by which a site
finds the frame of an address that somebody pasted.
"""
