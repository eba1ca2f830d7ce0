"""The wall: what a published value is. With `assets.core` all that both sides know."""
