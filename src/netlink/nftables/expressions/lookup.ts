import { shape } from './shape.ts';

/** Ends the rule unless a register is in a set; from a map, loads the value it has there. */
export interface Lookup {
  readonly name: 'lookup';
  readonly source: number;
  /** The register for a map's value. */
  readonly destination?: number;
  readonly set: string;
  /** `NFT_LOOKUP_F_INV` for `!=`. */
  readonly flags: number;
}

export const LOOKUP = shape<Lookup>('lookup', {
  source: { attribute: 2, encoding: 'be32' },
  destination: { attribute: 3, encoding: 'be32', optional: true },
  set: { attribute: 1, encoding: 'text' },
  flags: { attribute: 5, encoding: 'be32' },
});
