/** The native protocol that this build speaks; a client states it in `auth.protocol`. */
export const PROTOCOL_VERSION = 1;
