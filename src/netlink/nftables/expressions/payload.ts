import { shape } from './shape.ts';

/** `NFT_PAYLOAD_NETWORK_HEADER`. */
export const NETWORK_HEADER = 1;

/** Where RFC 791 section 3.1 has the addresses. */
export const IPV4_OFFSET = { SOURCE: 12, DESTINATION: 16 } as const;
export const IPV4_ADDRESS_BYTES = 4;

/** Loads bytes of a packet into a register: `ip saddr`. */
export interface Payload {
  readonly name: 'payload';
  readonly destination: number;
  readonly base: number;
  readonly offset: number;
  readonly length: number;
}

export const PAYLOAD = shape<Payload>('payload', {
  destination: { attribute: 1, encoding: 'be32' },
  base: { attribute: 2, encoding: 'be32' },
  offset: { attribute: 3, encoding: 'be32' },
  length: { attribute: 4, encoding: 'be32' },
});
