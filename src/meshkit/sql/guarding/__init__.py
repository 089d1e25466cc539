"""What the guard knows of each dialect: where its quotes and comments end, and what a query may be made of."""
