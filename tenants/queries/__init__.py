"""What pages and services read, cut to who asks."""
