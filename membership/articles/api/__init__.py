"""What programs may read of us, as JSON: `/api/v1`, described by itself at `/api/v1/openapi.json`.

Begin with `views.py`. What an answer has stands in `bodies.py`, and is only added to.
"""
