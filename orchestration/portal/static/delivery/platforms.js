/** Whose export a file is, by how it begins; a part of what the readers go by, for the head alone. */

const CHAT_TYPES = "personal_chat|bot_chat|saved_messages|replies|verification_codes|private_group"
  + "|private_supergroup|public_supergroup|private_channel|public_channel";
const OPENINGS = [
  ["canonical", /^\{[^\n]*"canonical_export"/],
  ["telegram", new RegExp(`^\\{(?=[^]*"messages"\\s*:\\s*\\[)(?=[^]*(?:"type"\\s*:\\s*"(?:${CHAT_TYPES})"`
    + '|"(?:date_unixtime|from_id|text_entities)"\\s*:))')],
  ["telegram", /^\{[^]*"(?:chats|left_chats)"\s*:\s*\{[^{}[\]]*"list"\s*:\s*\[/],
  ["telegram", /^\{(?=[^]*"personal_information")(?=[^]*"about")/],
  ["discord", /^\{\s*"guild"\s*:\s*\{[^]*"channel"\s*:\s*\{/],
  ["discord", /^(?:"?AuthorID"?,"?Author"?,"?Date"?,"?Content"?|={20,}\s*Guild:)/],
  ["messenger", /^\{[^]*"messages"\s*:\s*\[\s*\{[^]*"(?:sender_name|senderName)"\s*:/],
  ["slack", /^\[\s*\{(?=[^]*"ts"\s*:)[^]*"(?:user|text|subtype|bot_id)"\s*:/],
  ["signal", /^\{(?=[^\n]*"version")[^\n]*"backupTimeMs"\s*:/],
  ["signal", /^\{"(?:chatItem|recipient|chat|account)":\{[^\n]*"(?:chatId|id|recipientId|profileKey)":/],
  ["signal", /^\{(?=[^\n]*"date")(?=[^\n]*"sender")(?=[^\n]*"body")(?=[^\n]*"quote")/],
  ["signal", /^<\?xml[^>]{0,200}\?>[^]{0,200}<smses\b/],
  ["signal", /^\[\d{4}-\d\d-\d\d, \d\d:\d\d\] /],
  ["telegram_page", /^<!DOCTYPE html>[^]{0,400}<title>Exported Data<\/title>/],
  ["line", /^\[LINE\] Chat history/],
];

/** The platform that a file's first characters tell, null for a text or anything else. */
export function platformOf(head) {
  const text = head.replace(/^\ufeff/, "").trimStart();
  return OPENINGS.find(([, opening]) => opening.test(text))?.[0] ?? null;
}
