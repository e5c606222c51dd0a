// Tables of what an intent file, and the configuration of the agent, can say, made of their JSON Schemas: a row for each field.

import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { addressField, idField, ipv4Field, linkNameField, macField, prefixField } from '../src/intent/fields.ts';
import { configJsonSchema } from '../src/agent/config-schema.ts';
import { jsonSchema } from '../src/intent/yaml-file/json-schema.ts';

/** What is used of a JSON Schema. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly const?: unknown;
  /** Of a mapping whose keys are names. */
  readonly additionalProperties?: boolean | Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Kinds of text, which JSON Schema tells by formats and patterns only. A text without any bounds is a prefix. */
const TEXTS = [
  { schema: schemaOf(ipv4Field), words: 'IPv4 address' },
  { schema: schemaOf(addressField), words: 'IP address' },
  { schema: schemaOf(prefixField), words: 'prefix' },
  { schema: schemaOf(macField), words: 'MAC address' },
  { schema: schemaOf(linkNameField), words: 'device name', unit: 'bytes' },
  { schema: schemaOf(idField), words: 'id', unit: 'bytes' },
];

/** The page with a table of the fields of each section, between `<!-- fields of networks -->` and `<!-- /fields of networks -->`. */
export function withIntentTables(page: string): string {
  const file: Schema = jsonSchema();
  return Object.entries(file.properties ?? {}).reduce((text, [section, schema]) => {
    const [start, end] = [`<!-- fields of ${section} -->\n`, `<!-- /fields of ${section} -->`];
    const [before, rest] = split(text, start);
    const [, after] = split(rest, end);
    return `${before}${start}${tableOf(schema.items ?? schema)}\n${end}${after}`;
  }, page);
}

/** The page with a table of the fields of the configuration, between `<!-- fields -->` and `<!-- /fields -->`. */
export function withConfigTable(page: string): string {
  const [before, rest] = split(page, '<!-- fields -->\n');
  const [, after] = split(rest, '<!-- /fields -->');
  return `${before}<!-- fields -->\n${tableOf(configJsonSchema())}\n<!-- /fields -->${after}`;
}

function split(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`docs lack the line ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function tableOf(schema: Schema): string {
  return ['| field | type | default | meaning |', '| --- | --- | --- | --- |', ...rowsOf(schema, '')].join('\n');
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const [meaning, fallback = '—'] = (schema.description ?? '').split(' Default: ');
    const value = required.includes(name) ? '**required**' : fallback.replace(/\.$/, '');
    return [
      `| \`${prefix}${name}\` | ${kindOf(schema)} | ${value} | ${meaning} |`,
      ...rowsOf(withFields(schema), `${prefix}${name}${stepInto(schema)}`),
    ];
  });
}

function stepInto({ items, additionalProperties }: Schema): string {
  if (items !== undefined) return '[].';
  return typeof additionalProperties === 'object' ? '.NAME.' : '.';
}

/** The mapping that is in a field, where there is one. */
function withFields(schema: Schema): Schema {
  const { items, additionalProperties, anyOf = [] } = schema;
  if (items !== undefined) return items;
  const inner = typeof additionalProperties === 'object' ? (additionalProperties.anyOf ?? []) : anyOf;
  const mappings = inner.filter(({ properties }) => properties !== undefined);
  return mappings.length === 0
    ? schema
    : { properties: Object.fromEntries(mappings.flatMap(({ properties }) => Object.entries(properties ?? {}))) };
}

function kindOf(described: Schema): string {
  const { description: _, ...schema } = described;
  const [inner, other] = schema.anyOf ?? [];
  if (inner !== undefined && other?.type === 'null') return `${kindOf(inner)} or null`;
  const text = TEXTS.find((known) => isDeepStrictEqual(known.schema, schema));
  if (text !== undefined) return text.unit === undefined ? text.words : `${text.words}, ${lengthOf(schema, text.unit)}`;
  if (schema.enum !== undefined) return schema.enum.join(', ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case 'string':
      if (schema.maxLength === undefined) return 'text';
      return `text, ${lengthOf(schema, 'characters')}`;
    case 'integer':
      return `whole number, ${schema.minimum} to ${schema.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'list';
    case 'object':
      return 'mapping';
    default:
      throw new Error(`docs have no words for ${JSON.stringify(schema)}`);
  }
}

function lengthOf({ minLength = 0, maxLength }: Schema, unit: string): string {
  return `${minLength} to ${maxLength} ${unit}`;
}

function schemaOf(field: z.ZodType): object {
  const { $schema: _, ...schema } = z.toJSONSchema(field, { io: 'input' });
  return schema;
}
