"""The money: tiers, checkout, Stripe, subscriptions and the payments ledger."""
