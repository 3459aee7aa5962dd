"""Forms: what is well formed. What is lawful is the services' business."""
