// The expressions that Buoy's rules are made of, and any other as just a name.

import { eachAttribute } from '../../attributes.ts';
import type { MessageBatch } from '../../message.ts';
import { BITWISE, type Bitwise } from './bitwise.ts';
import { COMPARE, type Compare } from './compare.ts';
import { LOOKUP, type Lookup } from './lookup.ts';
import { META, type Meta } from './meta.ts';
import { NAT, type Nat } from './nat.ts';
import { NOTRACK, type Notrack } from './notrack.ts';
import { PAYLOAD, type Payload } from './payload.ts';
import { decodeName, decodeShape, encodeShape, sameShape, type Shape } from './shape.ts';

/** An expression that Buoy can write. */
export type Expression = Bitwise | Compare | Lookup | Meta | Nat | Notrack | Payload;

/** An expression that it never writes, of a kind or in a form it does not know. */
export interface UnknownExpression {
  readonly name: 'unknown';
  /** The kernel's name of its kind. */
  readonly text: string;
}

const SHAPES: Readonly<Record<Expression['name'], Shape>> = {
  bitwise: BITWISE,
  cmp: COMPARE,
  lookup: LOOKUP,
  meta: META,
  nat: NAT,
  notrack: NOTRACK,
  payload: PAYLOAD,
};

/** Writes an expression as an element of a rule's list. */
export function encodeExpression(batch: MessageBatch, expression: Expression): void {
  encodeShape(batch, SHAPES[expression.name], expression);
}

/**
 * Expressions already decoded, under their bytes as Latin-1 text. The routers of a host have the
 * same rules but for the names of their links, and looking up is ten times as fast as decoding.
 */
const decoded = new Map<string, Expression | UnknownExpression>();
/** More than a thousand routers need; beyond, the memory is given back. */
const DECODED_LIMIT = 4096;
/** Buoy's own have not more than 80; longer ones are somebody else's and not kept. */
const LONGEST_KEPT = 128;

/** Reads a rule's list of expressions. Throws MalformedReply. */
export function decodeExpressions(
  buffer: Buffer,
  start: number,
  end: number,
): readonly (Expression | UnknownExpression)[] {
  const expressions: (Expression | UnknownExpression)[] = [];
  eachAttribute(buffer, start, end, (_type, from, to) => {
    if (to - from > LONGEST_KEPT) {
      expressions.push(decodeExpression(buffer, from, to));
      return;
    }
    const key = buffer.toString('latin1', from, to);
    let expression = decoded.get(key);
    if (expression === undefined) {
      expression = decodeExpression(buffer, from, to);
      if (decoded.size === DECODED_LIMIT) decoded.clear();
      decoded.set(key, expression);
    }
    expressions.push(expression);
  });
  return expressions;
}

function decodeExpression(buffer: Buffer, start: number, end: number): Expression | UnknownExpression {
  const { name, ...data } = decodeName(buffer, start, end);
  const known = isKnown(name) ? decodeShape(SHAPES[name], buffer, data.start, data.end) : undefined;
  return known === undefined ? { name: 'unknown', text: name } : (known as Expression);
}

/** Whether `b` says exactly what `a` does. */
export function sameExpression(a: Expression, b: Expression | UnknownExpression | undefined): boolean {
  return b !== undefined && a.name === b.name && sameShape(SHAPES[a.name], a, b);
}

function isKnown(name: string): name is Expression['name'] {
  return Object.hasOwn(SHAPES, name);
}
