import { shape } from './shape.ts';

/** `NFT_META_*`: what of a packet is loaded or set. */
export const META_KEY = { MARK: 3, IIFNAME: 6, OIFNAME: 7 } as const;

/** Loads meta data of a packet into a register, or sets it from one: `meta mark`, `iifname`. */
export interface Meta {
  readonly name: 'meta';
  readonly key: number;
  /** The register to load into; none when the key is set. */
  readonly destination?: number;
  /** The register to set from; none when the key is loaded. */
  readonly source?: number;
}

export const META = shape<Meta>('meta', {
  key: { attribute: 2, encoding: 'be32' },
  destination: { attribute: 1, encoding: 'be32', optional: true },
  source: { attribute: 3, encoding: 'be32', optional: true },
});
