"""The two sides of a pair and the words around them."""
