import { shape } from './shape.ts';

/** `NFT_BITWISE_MASK_XOR`. */
export const MASK_XOR = 0;

/** destination = (source & mask) ^ xor */
export interface Bitwise {
  readonly name: 'bitwise';
  readonly source: number;
  readonly destination: number;
  readonly operation: number;
  /** Bytes. */
  readonly length: number;
  /** Hexadecimal. */
  readonly mask: string;
  /** Hexadecimal. */
  readonly xor: string;
}

export const BITWISE = shape<Bitwise>('bitwise', {
  source: { attribute: 1, encoding: 'be32' },
  destination: { attribute: 2, encoding: 'be32' },
  operation: { attribute: 6, encoding: 'be32' },
  length: { attribute: 3, encoding: 'be32' },
  mask: { attribute: 4, encoding: 'data' },
  xor: { attribute: 5, encoding: 'data' },
});
