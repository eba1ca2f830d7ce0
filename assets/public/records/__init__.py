"""Records: the published data as files, and what their columns mean."""
