// Between statements, as nft(8) writes rules, and expressions, as the kernel runs them.

import type { Statement } from '../../host/ruleset.ts';
import { LINK_NAME_BYTES, parseLinkName } from '../../model/names.ts';
import { NFPROTO } from '../nfnetlink.ts';
import { MASK_XOR } from './expressions/bitwise.ts';
import { COMPARE_EQUAL } from './expressions/compare.ts';
import { sameExpression, type Expression, type UnknownExpression } from './expressions/expression.ts';
import { META_KEY } from './expressions/meta.ts';
import { MAP_ADDRESSES, NAT_TYPE } from './expressions/nat.ts';
import { IPV4_ADDRESS_BYTES, IPV4_OFFSET, NETWORK_HEADER, type Payload } from './expressions/payload.ts';
import { REGISTER } from './expressions/registers.ts';

/** The expressions that do what a statement says. Throws Error for an unknown statement: what was only read cannot be written. */
export function compile(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'interface':
      return [
        {
          name: 'meta',
          key: statement.direction === 'in' ? META_KEY.IIFNAME : META_KEY.OIFNAME,
          destination: REGISTER,
        },
        { name: 'cmp', source: REGISTER, operator: COMPARE_EQUAL, value: hexOfName(statement.name) },
      ];
    case 'source-in-set':
      return isIn(IPV4_OFFSET.SOURCE, statement.set);
    case 'destination-in-set':
      return isIn(IPV4_OFFSET.DESTINATION, statement.set);
    case 'set-mark-bits':
      return [
        { name: 'meta', key: META_KEY.MARK, destination: REGISTER },
        {
          name: 'bitwise',
          source: REGISTER,
          destination: REGISTER,
          operation: MASK_XOR,
          length: 4,
          mask: hexOfWord(~statement.bits),
          xor: hexOfWord(statement.bits),
        },
        { name: 'meta', key: META_KEY.MARK, source: REGISTER },
      ];
    case 'destination-nat':
      return translate(IPV4_OFFSET.DESTINATION, statement.map, NAT_TYPE.DESTINATION);
    case 'source-nat':
      return translate(IPV4_OFFSET.SOURCE, statement.map, NAT_TYPE.SOURCE);
    case 'notrack':
      return [{ name: 'notrack' }];
    case 'unknown':
      throw new Error(`the statement "${statement.text}" was read from a kernel and cannot be written to one`);
  }
}

/**
 * The statements that a rule's expressions say. What no statement compiles to becomes `unknown`,
 * with the names of the expressions.
 */
export function recognise(expressions: readonly (Expression | UnknownExpression)[]): readonly Statement[] {
  const statements: Statement[] = [];
  let unknown: string[] = [];
  const flush = () => {
    if (unknown.length > 0) statements.push({ kind: 'unknown', text: unknown.join(' ') });
    unknown = [];
  };
  let at = 0;
  while (at < expressions.length) {
    const statement = candidate(expressions, at);
    const compiled = statement === undefined ? [] : compile(statement);
    // A guess is believed only when it compiles to exactly what is there: then nothing of what the
    // kernel does (another register, an inverted lookup, a range) can hide behind a statement.
    if (statement !== undefined && compiled.every((wanted, index) => sameExpression(wanted, expressions[at + index]))) {
      flush();
      statements.push(statement);
      at += compiled.length;
    } else {
      const expression = expressions[at++];
      if (expression !== undefined) unknown.push(expression.name === 'unknown' ? expression.text : expression.name);
    }
  }
  flush();
  return statements;
}

/** The statement that expressions may begin with; the parts that it does not look at may differ. */
function candidate(expressions: readonly (Expression | UnknownExpression)[], at: number): Statement | undefined {
  const first = expressions[at];
  const second = expressions[at + 1];
  if (first?.name === 'notrack') return { kind: 'notrack' };
  if (first?.name === 'meta' && second?.name === 'cmp') {
    const name = parseLinkName(nameOfHex(second.value));
    if (name === undefined) return undefined;
    return { kind: 'interface', direction: first.key === META_KEY.IIFNAME ? 'in' : 'out', name };
  }
  if (first?.name === 'meta' && second?.name === 'bitwise') {
    return { kind: 'set-mark-bits', bits: wordOfHex(second.xor) };
  }
  if (first?.name === 'payload' && second?.name === 'lookup') {
    if (second.destination === undefined) {
      const isSource = first.offset === IPV4_OFFSET.SOURCE;
      return { kind: isSource ? 'source-in-set' : 'destination-in-set', set: second.set };
    }
    const third = expressions[at + 2];
    if (third?.name !== 'nat') return undefined;
    return { kind: third.type === NAT_TYPE.SOURCE ? 'source-nat' : 'destination-nat', map: second.set };
  }
  return undefined;
}

function loadAddress(offset: number): Payload {
  return { name: 'payload', destination: REGISTER, base: NETWORK_HEADER, offset, length: IPV4_ADDRESS_BYTES };
}

function isIn(offset: number, set: string): readonly Expression[] {
  return [loadAddress(offset), { name: 'lookup', source: REGISTER, set, flags: 0 }];
}

function translate(offset: number, map: string, type: number): readonly Expression[] {
  return [
    loadAddress(offset),
    { name: 'lookup', source: REGISTER, destination: REGISTER, set: map, flags: 0 },
    { name: 'nat', type, family: NFPROTO.IPV4, firstAddress: REGISTER, lastAddress: REGISTER, flags: MAP_ADDRESSES },
  ];
}

/** All of a register of 16 bytes is compared: fewer would match every name with that beginning. */
function hexOfName(name: string): string {
  const bytes = Buffer.alloc(LINK_NAME_BYTES + 1);
  bytes.write(name);
  return bytes.toString('hex');
}

function nameOfHex(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  const nul = bytes.indexOf(0);
  return bytes.toString('utf8', 0, nul < 0 ? bytes.length : nul);
}

/** Packet marks are in the byte order of the host. */
function hexOfWord(word: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(word >>> 0);
  return bytes.toString('hex');
}

/** 0 for a value that is not four bytes long, which no statement compiles to. */
function wordOfHex(hex: string): number {
  const bytes = Buffer.from(hex, 'hex');
  return bytes.length === 4 ? bytes.readUInt32LE() : 0;
}
