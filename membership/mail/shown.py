"""How an e-mail's HTML part may be shown on a page of its own."""

# Designs of e-mails are inline styles; nothing else may load or run.
AS_MAIL = {
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "data:",
    "frame-ancestors": "'self'",
    "sandbox": "allow-top-navigation-by-user-activation",
}
