// Netlink messages as trees that can be changed part by part and written again, also wrongly.

/** An attribute. */
export interface Part {
  type: number;
  /** What is in it: attributes where its bytes read as such. */
  content: Buffer | Part[];
  /** The length that it claims, where that is not its own. */
  claimed?: number;
}

export interface Message {
  type: number;
  flags: number;
  /** Undefined: that of the request. */
  sequence?: number;
  /** `struct rtmsg` and the like. */
  fixed: Buffer;
  parts: Part[];
  claimed?: number;
}

const HEADER_BYTES = 16;
/** Of the fixed part, by the type of a message of rtnetlink less its last two bits. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 16: 16, 20: 8, 24: 12, 28: 12, 32: 12 };
const NFGENMSG_BYTES = 4;

export function treesOf(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32LE(offset);
    const type = bytes.readUInt16LE(offset + 4);
    const start = offset + HEADER_BYTES;
    const body = start + (type >= 256 ? NFGENMSG_BYTES : (FIXED_BYTES[type & ~3] ?? 0));
    messages.push({
      type,
      flags: bytes.readUInt16LE(offset + 6),
      fixed: Buffer.from(bytes.subarray(start, body)),
      parts: partsOf(bytes.subarray(body, offset + length)) ?? [],
    });
    offset += (length + 3) & ~3;
  }
  return messages;
}

function partsOf(bytes: Buffer): Part[] | undefined {
  const parts: Part[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (bytes.length - offset < 4) return undefined;
    const length = bytes.readUInt16LE(offset);
    if (length < 4 || length > bytes.length - offset) return undefined;
    const content = bytes.subarray(offset + 4, offset + length);
    parts.push({ type: bytes.readUInt16LE(offset + 2), content: partsOf(content) ?? Buffer.from(content) });
    offset += (length + 3) & ~3;
  }
  return parts.length > 0 ? parts : undefined;
}

export function bytesOf(message: Message, requested: number): Buffer {
  const body = Buffer.concat([message.fixed, ...message.parts.map(bytesOfPart)]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(message.claimed ?? HEADER_BYTES + body.length, 0);
  header.writeUInt16LE(message.type, 4);
  header.writeUInt16LE(message.flags, 6);
  header.writeUInt32LE(message.sequence ?? requested, 8);
  return Buffer.concat([header, body, Buffer.alloc(-body.length & 3)]);
}

function bytesOfPart({ type, content, claimed }: Part): Buffer {
  const payload = Buffer.isBuffer(content) ? content : Buffer.concat(content.map(bytesOfPart));
  const header = Buffer.alloc(4);
  header.writeUInt16LE((claimed ?? 4 + payload.length) & 0xffff, 0);
  header.writeUInt16LE(type, 2);
  return Buffer.concat([header, payload, Buffer.alloc(-payload.length & 3)]);
}
