"""Entries of the catalog said in other tools' words, as far as those have words for them."""
