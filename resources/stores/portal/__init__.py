"""What the portal is given, what it puts down, and how the restricted side takes it over."""
