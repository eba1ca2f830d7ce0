"""Facts on their way across the wall: what two people signed, and where facts are recorded."""
