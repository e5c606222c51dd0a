// Tables: NFT_MSG_NEWTABLE, DELTABLE and GETTABLE.

import { TABLE_NAME } from '../../host/ruleset.ts';
import { eachAttribute, MalformedReply, readBe32, readString, type ReceivedMessage } from '../attributes.ts';
import { NLM_F, type MessageBatch } from '../message.ts';
import { attributesStart, familyOf, NFPROTO, writeFamily } from '../nfnetlink.ts';
import type { NetlinkSocket } from '../socket.ts';
import { decodeTableComment, encodeTableComment } from './comment.ts';
import { beginMessage, NFT } from './message.ts';

const NFTA_TABLE_NAME = 1;
const NFTA_TABLE_FLAGS = 2;
const NFTA_TABLE_USERDATA = 6;

/** Our table, as `family name`. */
export const OWN_TABLE = `ip ${TABLE_NAME}`;

/** The words of nft(8) for families, by number. */
const FAMILY_WORDS = new Map<number, string>([
  [NFPROTO.INET, 'inet'],
  [NFPROTO.IPV4, 'ip'],
  [NFPROTO.ARP, 'arp'],
  [NFPROTO.NETDEV, 'netdev'],
  [NFPROTO.BRIDGE, 'bridge'],
  [NFPROTO.IPV6, 'ip6'],
]);

/** The tables of a namespace. */
interface Tables {
  readonly own: OwnTable | undefined;
  /** All others, of every family and program, as `family name`. */
  readonly others: ReadonlySet<string>;
}

/** What our table says of itself. */
export interface OwnTable {
  /** As nft(8) lists it. */
  readonly comment: string | undefined;
  /** `NFT_TABLE_F_*`; 0 for a table that is at work and belongs to no process. */
  readonly flags: number;
}

/**
 * Adds our table with a comment. It must be new: EEXIST otherwise, so that another's is never taken
 * over. The kernel keeps comments of tables since Linux 5.10. Throws RangeError for a comment beyond 253 bytes.
 */
export function addTable(batch: MessageBatch, comment: string): void {
  beginMessage(batch, NFT.NEWTABLE, NLM_F.CREATE | NLM_F.EXCL);
  batch.attributeString(NFTA_TABLE_NAME, TABLE_NAME);
  batch.attributeBe32(NFTA_TABLE_FLAGS, 0);
  batch.attributeBytes(NFTA_TABLE_USERDATA, encodeTableComment(comment));
  batch.end();
}

/** Deletes a table, given as `family name`, with all that is in it; ENOENT if there is none. */
export function deleteTable(batch: MessageBatch, table: string): void {
  const space = table.indexOf(' ');
  beginMessage(batch, NFT.DELTABLE, 0, familyNumber(table.slice(0, space)));
  batch.attributeString(NFTA_TABLE_NAME, table.slice(space + 1));
  batch.end();
}

/** Reads which tables there are. 3 system calls. Throws NetlinkError, MalformedReply. */
export function readTables(socket: NetlinkSocket): Tables {
  let own: OwnTable | undefined;
  let others = new Set<string>();
  socket.dump(
    NFT.GETTABLE,
    (batch) => writeFamily(batch, NFPROTO.UNSPEC),
    (message) => {
      const { title, comment, flags } = decodeTable(message);
      if (title === OWN_TABLE) own = { comment, flags };
      else others.add(title);
    },
    () => {
      own = undefined;
      others = new Set();
    },
  );
  return { own, others };
}

/** A table with its title `family name`. Throws MalformedReply. */
function decodeTable(message: ReceivedMessage): OwnTable & { readonly title: string } {
  const { buffer, end } = message;
  let name: string | undefined;
  let flags = 0;
  let comment: string | undefined;
  eachAttribute(buffer, attributesStart(message), end, (type, from, to) => {
    if (type === NFTA_TABLE_NAME) name = readString(buffer, from, to);
    else if (type === NFTA_TABLE_FLAGS) flags = readBe32(buffer, from, to);
    else if (type === NFTA_TABLE_USERDATA) comment = decodeTableComment(buffer.subarray(from, to));
  });
  if (name === undefined) throw new MalformedReply('table without a name');
  const family = familyOf(message);
  return { title: `${FAMILY_WORDS.get(family) ?? family} ${name}`, comment, flags };
}

function familyNumber(word: string): number {
  for (const [number, known] of FAMILY_WORDS) if (known === word) return number;
  return Number(word);
}
