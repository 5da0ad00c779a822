"""What happens to money as time passes: payments, billing, Checkout, the clock."""
