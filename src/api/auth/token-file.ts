import { open } from 'node:fs/promises';
import { BuoyError } from '../../errors.ts';
import type { TokenRecord } from './token.ts';

const LARGEST = 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

const LINE = /^(?<name>[\w.@-]{1,64})\s+(?<scope>read|write)\s+sha256:(?<hash>[0-9a-f]{64})$/;

/**
 * The tokens of a file: a line each, `NAME read|write sha256:HEX`; empty lines and those that begin with `#` count
 * for nothing. Throws BUOY_API_TOKENS for a file that cannot be read, that others than its owner may write, or that
 * has any other line or a name twice.
 */
export async function readTokenFile(path: string): Promise<readonly TokenRecord[]> {
  return parseTokens(await readOwnFile(path), path);
}

async function readOwnFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { mode, size } = await file.stat();
    if ((mode & WRITABLE_BY_OTHERS) !== 0) throw refusal(`${path} may be written by others than its owner`);
    if (size > LARGEST) throw refusal(`${path} is larger than any token file`);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof BuoyError) throw error;
    throw refusal(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function parseTokens(text: string, path: string): readonly TokenRecord[] {
  const records = new Map<string, TokenRecord>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const { name, scope, hash } = LINE.exec(line)?.groups ?? {};
    // The line itself is not shown: somebody may have put a token there instead of its hash.
    if (name === undefined || hash === undefined || (scope !== 'read' && scope !== 'write'))
      throw refusal('a line is not `NAME read|write sha256:HEX`', path, index);
    if (records.has(name)) throw refusal(`the name ${name} is there twice`, path, index);
    records.set(name, { name, scope, hash: Buffer.from(hash, 'hex') });
  }
  return [...records.values()];
}

function refusal(message: string, file?: string, index = 0): BuoyError {
  const details = file === undefined ? {} : { position: { file, line: index + 1, column: 1 } };
  return new BuoyError('BUOY_API_TOKENS', message, details);
}
