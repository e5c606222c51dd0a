import type { LinkName } from '../../model/names.ts';
import { LINK_NAME_BYTES } from '../../model/names.ts';
import { MalformedReply, readString } from '../attributes.ts';

const SLASH = 0x2f;

/**
 * A device's name. The kernel allows more than `parseLinkName`, and a device that somebody else
 * named oddly is no fault; what could lead a path elsewhere is. Throws MalformedReply.
 */
export function readLinkName(buffer: Buffer, start: number, end: number): LinkName {
  const payload = buffer.subarray(start, end);
  const nul = payload.indexOf(0);
  const bytes = nul < 0 ? payload.length : nul;
  const name = readString(buffer, start, end);
  if (
    bytes < 1 ||
    bytes > LINK_NAME_BYTES ||
    payload.subarray(0, bytes).includes(SLASH) ||
    name === '.' ||
    name === '..'
  )
    throw new MalformedReply(`a device name of ${bytes} bytes that no device can have`);
  return name as LinkName;
}
