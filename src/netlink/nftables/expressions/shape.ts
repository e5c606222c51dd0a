// How an expression lies in a message. Expressions are flat: a name and a few fields, each an
// attribute of its own. So an expression's file says what its fields are, and the encoding and
// decoding is here once for all of them.

import { eachAttribute, MalformedReply, readBe32, readString } from '../../attributes.ts';
import type { MessageBatch } from '../../message.ts';

const NFTA_LIST_ELEM = 1;
export const NFTA_EXPR_NAME = 1;
export const NFTA_EXPR_DATA = 2;
const NFTA_DATA_VALUE = 1;

/** Integers in network byte order, text with a NUL, or a register's bytes as hexadecimal text. */
type Encoding = 'be32' | 'text' | 'data';

interface Field {
  readonly attribute: number;
  readonly encoding: Encoding;
  /** Whether the kernel takes the expression without it. */
  readonly optional?: true;
}

/** What an expression is made of. */
export interface Shape {
  readonly name: string;
  /** In the order in which nft(8) writes them; `key` is the name of the expression's property. */
  readonly fields: readonly (Field & { readonly key: string })[];
}

/** Any expression, its properties looked up by the keys of its shape, where static types say nothing. */
type Values = Record<string, string | number | undefined>;

/** The shape of expressions of type E: a field for each property but the name. */
export function shape<E extends { readonly name: string }>(
  name: E['name'],
  fields: { readonly [F in Exclude<keyof E, 'name'>]-?: Field },
): Shape {
  return { name, fields: Object.entries<Field>(fields).map(([key, field]) => ({ key, ...field })) };
}

/** Writes an expression as an element of a rule's list. */
export function encodeShape(batch: MessageBatch, { name, fields }: Shape, expression: { readonly name: string }): void {
  const values = expression as Values;
  const element = batch.beginNested(NFTA_LIST_ELEM);
  batch.attributeString(NFTA_EXPR_NAME, name);
  if (fields.length > 0) {
    const data = batch.beginNested(NFTA_EXPR_DATA);
    for (const field of fields) {
      const value = values[field.key];
      if (value !== undefined) encodeField(batch, field, value);
    }
    batch.endNested(data);
  }
  batch.endNested(element);
}

function encodeField(batch: MessageBatch, { attribute, encoding }: Field, value: string | number): void {
  if (typeof value === 'number') {
    batch.attributeBe32(attribute, value);
  } else if (encoding === 'text') {
    batch.attributeString(attribute, value);
  } else {
    const nested = batch.beginNested(attribute);
    batch.attributeBytes(NFTA_DATA_VALUE, Buffer.from(value, 'hex'));
    batch.endNested(nested);
  }
}

/**
 * Reads the data of an expression. Undefined when it has an attribute that the shape does not
 * know, or lacks one: it says something that Buoy never says. Throws MalformedReply.
 */
export function decodeShape(
  { name, fields }: Shape,
  buffer: Buffer,
  start: number,
  end: number,
): { readonly name: string } | undefined {
  const values: Values & { readonly name: string } = { name };
  let known = true;
  eachAttribute(buffer, start, end, (type, from, to) => {
    const field = fields.find(({ attribute }) => attribute === type);
    if (field === undefined) known = false;
    else values[field.key] = decodeField(field, buffer, from, to);
  });
  const whole = fields.every(({ key, optional }) => optional === true || values[key] !== undefined);
  return known && whole ? values : undefined;
}

/** Undefined for data that is not a value, which is a verdict. */
function decodeField({ encoding }: Field, buffer: Buffer, start: number, end: number): string | number | undefined {
  if (encoding === 'be32') return readBe32(buffer, start, end);
  if (encoding === 'text') return readString(buffer, start, end);
  let value: string | undefined;
  eachAttribute(buffer, start, end, (type, from, to) => {
    if (type === NFTA_DATA_VALUE) value = buffer.toString('hex', from, to);
  });
  return value;
}

/** Whether two expressions of one shape say the same. */
export function sameShape({ fields }: Shape, a: { readonly name: string }, b: { readonly name: string }): boolean {
  const left = a as Values;
  const right = b as Values;
  return fields.every(({ key }) => left[key] === right[key]);
}

/** The name of an expression in a rule's list, and where its data lies. Throws MalformedReply. */
export function decodeName(
  buffer: Buffer,
  start: number,
  end: number,
): { readonly name: string; readonly start: number; readonly end: number } {
  let name: string | undefined;
  let data = { start: end, end };
  eachAttribute(buffer, start, end, (type, from, to) => {
    if (type === NFTA_EXPR_NAME) name = readString(buffer, from, to);
    else if (type === NFTA_EXPR_DATA) data = { start: from, end: to };
  });
  if (name === undefined) throw new MalformedReply('expression without a name');
  return { name, ...data };
}
