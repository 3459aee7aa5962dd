"""Letters: texts with placeholders, and the paper that they are printed on."""
