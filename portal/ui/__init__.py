"""The faces every page shares: lists, details, forms, actions, navigation, errors."""
