// Bearer tokens. A token is 256 random bits, so nobody guesses one and a dictionary has none: a fast
// hash is enough to keep a stolen file of hashes worthless. (scrypt and its kind make passwords, which
// people choose, slow to guess; here they would only make each request slow.)

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `read`: GET and HEAD. `write`: everything. */
export type Scope = 'read' | 'write';

/** What is kept of a token: everything but the token. */
export interface TokenRecord {
  /** For logs and rate limits: who has it. */
  readonly name: string;
  readonly scope: Scope;
  /** SHA-256 of the token's text. */
  readonly hash: Buffer;
}

/** Tells what a token is where one turns up in a log or a repository. */
const PREFIX = 'buoy_';

/** A new token, to be shown once to whom it is for. */
export function generateToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}

/** The line that a token file has for a token: `NAME SCOPE sha256:HEX`. */
export function tokenLine(name: string, scope: Scope, token: string): string {
  return `${name} ${scope} sha256:${hashToken(token).toString('hex')}`;
}

/** The record of a token, if it is one of them. Takes as long whichever one it is, and if it is none. */
export function findToken(records: readonly TokenRecord[], token: string): TokenRecord | undefined {
  const hash = hashToken(token);
  let found: TokenRecord | undefined;
  for (const record of records) if (timingSafeEqual(record.hash, hash)) found = record;
  return found;
}
