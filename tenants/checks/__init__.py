"""What an authority verifies about an organisation: the catalogue as data, names and numbers compared. Knows no model."""
