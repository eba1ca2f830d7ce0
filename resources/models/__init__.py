"""Models: the sentence encoder that lies ready, and how models are quantised."""
