"""What an authority asks an organisation: question sets as data, and answers tried against them. Knows no model."""
