/** What of a chat may be delivered, whichever platform it is of. */
import { cutCanonical } from "./canonical.js";
import { cut } from "./cut.js";
import { cutTelegram } from "./telegram.js";

const CUTS = { whatsapp: cut, telegram: cutTelegram, canonical: cutCanonical };

/** As `cut`, of one of `chatsIn`. */
export const deliverable = (chat, days) => CUTS[chat.form](chat, days);
