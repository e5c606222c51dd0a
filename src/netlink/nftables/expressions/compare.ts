import { shape } from './shape.ts';

/** `NFT_CMP_EQ`. */
export const COMPARE_EQUAL = 0;

/** Ends the rule unless a register compares to a value. */
export interface Compare {
  readonly name: 'cmp';
  readonly source: number;
  readonly operator: number;
  /** Hexadecimal; as many bytes of the register are compared. */
  readonly value: string;
}

export const COMPARE = shape<Compare>('cmp', {
  source: { attribute: 1, encoding: 'be32' },
  operator: { attribute: 2, encoding: 'be32' },
  value: { attribute: 3, encoding: 'data' },
});
