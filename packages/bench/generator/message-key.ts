/** The UUID of a message says who of the bench's people sent it and as the how manieth: no table is needed to check it. */
export interface MessageKey {
  /** Index of the person. */
  sender: number;
  number: number;
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");

export function writeKey({ sender, number }: MessageKey): string {
  const digits = hex(number);
  return `${hex(sender)}-${digits.slice(0, 4)}-${digits.slice(4)}-8000-000000000000`;
}

export const readKey = (uuid: string): MessageKey => ({
  sender: Number.parseInt(uuid.slice(0, 8), 16),
  number: Number.parseInt(uuid.slice(9, 13) + uuid.slice(14, 18), 16),
});

/** The same from the sixteen bytes that the database has. */
export const readKeyBytes = (bytes: Buffer): MessageKey => ({
  sender: bytes.readUInt32BE(0),
  number: bytes.readUInt32BE(4),
});
