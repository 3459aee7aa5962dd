"""What letters about applications may speak of, and the portal's own wording of them."""
