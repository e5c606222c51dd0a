import { shape } from './shape.ts';

/** `NFT_NAT_*`. */
export const NAT_TYPE = { SOURCE: 0, DESTINATION: 1 } as const;
/** `NF_NAT_RANGE_MAP_IPS` (linux/netfilter/nf_nat.h): the addresses are what is given; ports stay where they can. */
export const MAP_ADDRESSES = 1;

/** Translates the packet's connection to an address in a register. */
export interface Nat {
  readonly name: 'nat';
  readonly type: number;
  readonly family: number;
  /** The registers with the first and last address to choose from. */
  readonly firstAddress: number;
  readonly lastAddress: number;
  /** The kernel sets MAP_ADDRESSES by itself; it is written so that what is read back is equal. */
  readonly flags: number;
}

export const NAT = shape<Nat>('nat', {
  type: { attribute: 1, encoding: 'be32' },
  family: { attribute: 2, encoding: 'be32' },
  firstAddress: { attribute: 3, encoding: 'be32' },
  lastAddress: { attribute: 4, encoding: 'be32' },
  flags: { attribute: 7, encoding: 'be32' },
});
