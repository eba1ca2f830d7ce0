"""The connector to Telegram: a bot, to which the platform hands each message once."""
