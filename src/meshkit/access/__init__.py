"""Who may do what with a product. Pure: principals, grants and the clock are arguments, and what is not allowed is denied."""
