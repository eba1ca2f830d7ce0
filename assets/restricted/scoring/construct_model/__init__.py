"""One model for each construct, trained on written messages, seeds and public corpora."""
