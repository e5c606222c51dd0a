// Values that occur in several resources, as the API takes and shows them. What can be written in
// several ways, as Neutron's clients do, becomes one.

import { z } from 'zod';
import { formatAddress, formatPrefix } from '../../../model/address.ts';
import { addressField, macField, prefixField } from '../../fields.ts';

const LONGEST_TEXT = 255;
/** Of a list in a body, such as the routes of a router. */
export const MOST_MEMBERS = 1000;

export const nameField = z.string().max(LONGEST_TEXT);
export const textField = z.string().max(LONGEST_TEXT);
export const idField = z.guid({ error: 'is not a valid UUID' }).toLowerCase();
const tagField = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[^,/]+$/, { error: 'has a comma or a slash' });
/** All tags of a resource. */
export const tagsField = z.array(tagField).max(50);

/** Neutron reads these words as well (neutron_lib/api/converters.py, convert_to_boolean). */
const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...['true', '1', 'yes', 'on', 't', 'y', 1].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off', 'f', 'n', 0].map((word) => [word, false] as const),
]);

export function parseBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value);
}

export const booleanField = z.preprocess((value) => parseBoolean(value) ?? value, z.boolean());

/** A whole number, which may be written as text. */
export function integerField(schema: z.ZodInt) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}

/** Addresses as text in the canonical form. */
export const addressText = addressField.transform(formatAddress);
export const prefixText = prefixField.transform(formatPrefix);
export const macText = macField;

export const shownAddress = z.string().meta({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] });
const timeField = z.iso.datetime();

export function listField<T extends z.ZodType>(member: T) {
  return z.array(member).max(MOST_MEMBERS);
}

/** What Buoy has one way only, and clients may say so. */
export function only<const T extends string | boolean>(value: T, reason: string) {
  const literal = z.literal(value, { error: reason });
  return typeof value === 'boolean' ? z.preprocess((input) => parseBoolean(input) ?? input, literal) : literal;
}

/** Attributes that every resource has. */
export const standardShown = {
  id: idField,
  project_id: textField,
  tenant_id: textField,
  description: textField,
  revision_number: z.int(),
  created_at: timeField,
  updated_at: timeField,
  tags: z.array(z.string()),
};

/** What may be said of any new resource: who it belongs to (`tenant_id` is the older name), and its tags. */
export const newFields = {
  project_id: textField.optional(),
  tenant_id: textField.optional(),
  tags: tagsField.optional(),
};

export const fixedIpShown = z.object({ subnet_id: idField, ip_address: shownAddress });

/** An address that is asked for: of a subnet, a certain one, or both. */
export const fixedIpField = z
  .strictObject({ subnet_id: idField.optional(), ip_address: addressText.optional() })
  .refine((value) => value.subnet_id !== undefined || value.ip_address !== undefined, {
    error: 'has neither a subnet_id nor an ip_address',
  });

export const routeField = z.strictObject({ destination: prefixText, nexthop: addressText });
export const routesField = listField(routeField);

export const statusField = z.enum(['ACTIVE', 'DOWN', 'ERROR']);
/** Of a status ERROR: the code of the catalogue (docs/errors.md) and its sentence. */
export const errorField = z.object({ code: z.string(), message: z.string() }).nullable();

export type FixedIpInput = z.output<typeof fixedIpField>;
export type Route = z.output<typeof routeField>;
