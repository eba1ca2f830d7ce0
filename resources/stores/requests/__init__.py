"""What members ask by the portal: sealed on receipt, acted on by the restricted side alone."""
