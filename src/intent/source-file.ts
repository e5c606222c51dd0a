import { open } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { BuoyError } from '../errors.ts';
import { decodeUtf8 } from './source-text.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * The text of a file. One that is larger than `limit` bytes is refused before it is read; what
 * does not tell its size, such as a pipe, is read up to the limit and no further.
 * Errors: BUOY_FILE_UNREADABLE, BUOY_FILE_TOO_LARGE, BUOY_FILE_NOT_TEXT.
 */
export async function readSourceFile(path: string, limit: number): Promise<string> {
  return decodeUtf8(await readBounded(path, limit), path);
}

async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r');
    const status = await file.stat();
    if (status.size > limit) throw tooLarge(path, limit);
    const buffer = new Uint8Array(CHUNK_BYTES);
    const chunks: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const { bytesRead } = await file.read({ buffer });
      if (bytesRead === 0) return Buffer.concat(chunks, total);
      total += bytesRead;
      if (total > limit) throw tooLarge(path, limit);
      chunks.push(buffer.slice(0, bytesRead));
    }
  } catch (error) {
    if (error instanceof BuoyError) throw error;
    throw new BuoyError('BUOY_FILE_UNREADABLE', `cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

function tooLarge(path: string, limit: number): BuoyError {
  return new BuoyError('BUOY_FILE_TOO_LARGE', `${path} is larger than ${limit >> 20} MiB`);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errno' in error && typeof error.errno === 'number' ? getSystemErrorMessage(error.errno) : error.message;
}
