import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { BuoyError } from '../../errors.ts';
import type { TcpListener } from '../options.ts';

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws BUOY_API_CERTIFICATE for files that cannot be read, or do not belong together. */
export async function readCertificate(files: NonNullable<TcpListener['tls']>): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(files.certificateFile), readFile(files.keyFile)]);
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BuoyError(
      'BUOY_API_CERTIFICATE',
      `The certificate ${files.certificateFile} and the key ${files.keyFile} cannot be used: ${message}`,
      { cause: error },
    );
  }
}
