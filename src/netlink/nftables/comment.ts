// Comments of nftables objects: user data that the kernel stores and hands back unread. nft(8)
// keeps it as a list of one byte type, one byte length, value (libnftnl, include/libnftnl/udata.h).

/** `NFT_USERDATA_MAXLEN` (linux/netfilter/nf_tables.h), for the whole list. */
const USERDATA_BYTES = 256;
/** `NFTNL_UDATA_TABLE_COMMENT`: text with its closing NUL. */
const TABLE_COMMENT = 0;

/** User data that nft(8) lists as the table's comment. Throws RangeError beyond 253 bytes of UTF-8. */
export function encodeTableComment(comment: string): Buffer {
  const bytes = Buffer.byteLength(comment) + 1;
  if (2 + bytes > USERDATA_BYTES) throw new RangeError(`table comment of ${bytes - 1} bytes`);
  const data = Buffer.alloc(2 + bytes);
  data[0] = TABLE_COMMENT;
  data[1] = bytes;
  data.write(comment, 2);
  return data;
}

/**
 * The comment in a table's user data, or undefined when there is none. The table may be any
 * program's, so user data that makes no sense is no error but no comment.
 */
export function decodeTableComment(data: Buffer): string | undefined {
  for (let offset = 0; offset + 2 <= data.length;) {
    const start = offset + 2;
    const end = start + data.readUInt8(offset + 1);
    if (end > data.length) return undefined;
    if (data[offset] === TABLE_COMMENT && end > start && data[end - 1] === 0)
      return data.toString('utf8', start, end - 1);
    offset = end;
  }
  return undefined;
}
