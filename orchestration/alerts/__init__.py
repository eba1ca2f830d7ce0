"""What is told to people by itself: runs that failed, and what is not there by its time."""
