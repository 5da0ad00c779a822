"""What a newsroom puts on an article, and what others may read of us.

`elements/` is the script with its elements and what they are told; `corrections/` is how a mistake
is reported, decided and told; `feeds/`, `api/` and `frames/` are what machines read and other sites
show.
"""
