"""The release on made-up regions: what is published, how far off, what it gives away."""
