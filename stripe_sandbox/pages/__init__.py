"""The pages a person sees: Checkout, the bank's question, the customer portal."""
