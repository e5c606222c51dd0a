// The kinds of nftables messages, and their beginning (linux/netfilter/nf_tables.h).

import { NLM_F, type MessageBatch } from '../message.ts';
import type { ReceivedMessage } from '../attributes.ts';
import { NFPROTO, resourceOf, SUBSYSTEM, writeFamily } from '../nfnetlink.ts';

/** `NFT_MSG_*` with the subsystem, as a message type. */
export const NFT = {
  NEWTABLE: SUBSYSTEM.NFTABLES | 0,
  GETTABLE: SUBSYSTEM.NFTABLES | 1,
  DELTABLE: SUBSYSTEM.NFTABLES | 2,
  NEWCHAIN: SUBSYSTEM.NFTABLES | 3,
  GETCHAIN: SUBSYSTEM.NFTABLES | 4,
  NEWRULE: SUBSYSTEM.NFTABLES | 6,
  GETRULE: SUBSYSTEM.NFTABLES | 7,
  DELRULE: SUBSYSTEM.NFTABLES | 8,
  NEWSET: SUBSYSTEM.NFTABLES | 9,
  GETSET: SUBSYSTEM.NFTABLES | 10,
  NEWSETELEM: SUBSYSTEM.NFTABLES | 12,
  GETSETELEM: SUBSYSTEM.NFTABLES | 13,
  DELSETELEM: SUBSYSTEM.NFTABLES | 14,
  NEWGEN: SUBSYSTEM.NFTABLES | 15,
} as const;

/**
 * Starts a message of a transaction. It asks for no ack: a transaction without any refusal is done
 * (see transaction.ts).
 */
export function beginMessage(batch: MessageBatch, type: number, flags: number, family: number = NFPROTO.IPV4): void {
  batch.begin(type, NLM_F.REQUEST | flags);
  writeFamily(batch, family);
}

/** Whether it ends what is told of a transaction. */
export function isGenerationEvent({ type }: ReceivedMessage): boolean {
  return type === NFT.NEWGEN;
}

/**
 * Which state of the ruleset an answer was taken from: the lower half of a number that every
 * transaction in the namespace raises by one (nft_base_seq() in net/netfilter/nf_tables_api.c).
 * Throws MalformedReply.
 */
export function generationOf(message: ReceivedMessage): number {
  return resourceOf(message);
}
