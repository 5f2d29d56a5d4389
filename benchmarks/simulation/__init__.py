"""A city of freight passes and a day of its plate hits, with the truth beside them."""
