"""The ground: rules without faces. No HTTP, no templates, and no knowledge of who stands above."""
