// The text of a source: that it is text at all, and which line and column an offset is.

import { isUtf8 } from 'node:buffer';
import { BuoyError } from '../errors.ts';
import type { SourcePosition } from '../errors.ts';

// What YAML 1.2 section 5.1 does not call printable, less surrogates, which cannot come out of UTF-8.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

export class SourceText {
  readonly text: string;
  readonly file: string;
  #lineStarts: readonly number[] | undefined;

  /** Throws BUOY_FILE_NOT_TEXT when there are control characters. A byte order mark is left out. */
  constructor(text: string, file: string) {
    this.text = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    this.file = file;
    const control = CONTROL.exec(this.text);
    if (control === null) return;
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new BuoyError('BUOY_FILE_NOT_TEXT', `there is a control character (U+${code})`, {
      position: this.position(control.index),
      remedy: 'Remove the character; in a text it has no meaning.',
    });
  }

  /** `offset` counts UTF-16 units, as strings do; so do columns, as they do in editors. */
  position(offset: number): SourcePosition {
    const starts = (this.#lineStarts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** Throws BUOY_FILE_NOT_TEXT, with the place, when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, file: string): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  throw new BuoyError('BUOY_FILE_NOT_TEXT', 'the file is not UTF-8', { position: firstInvalid(bytes, file) });
}

/** A line feed is no part of a longer sequence, so each line is UTF-8 or not by itself. */
function firstInvalid(bytes: Uint8Array, file: string): SourcePosition {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    const content = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(content)) return { file, line, column: new TextDecoder().decode(content).indexOf('\ufffd') + 1 };
    start = end + 1;
  }
}
