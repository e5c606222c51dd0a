// Bytes as text that a person can compare line by line.

/** Sixteen bytes a line, in hexadecimal and as text. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const line = [...bytes.subarray(offset, offset + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${hex.padEnd(47)}  ${text}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The bytes of a dump in that form. */
export function bytesOfDump(dump: string): Buffer {
  return Buffer.from(
    dump
      .split('\n')
      .map((line) => line.trim().slice(0, 47))
      .join(' ')
      .replaceAll(' ', ''),
    'hex',
  );
}
