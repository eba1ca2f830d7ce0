"""Models measured on messages of writers whom they have not learnt from."""
