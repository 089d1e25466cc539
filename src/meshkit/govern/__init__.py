"""What governance says of products and runs. Pure: no clock, file or network."""
