"""How models do on messages of writers whom they have not learnt from."""
