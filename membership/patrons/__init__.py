"""Who a person is and whether they are a member."""
