// Calls of the agent's API, before they are made: how they read, and what goes over the wire.

import type { Resource, ResourceType } from '../agent/resource-types.ts';
import { printable } from '../output/printable.ts';

/** What is made from a file carries it; all else is never touched. */
export const FILE_TAG = 'buoy:file';

/** A resource in a call: one that the agent has, or one that an earlier call makes. */
export class Ref {
  /** How people call it, different for each: `router blue`. */
  readonly label: string;
  readonly id: string | undefined;

  constructor(label: string, id: string | undefined) {
    this.label = label;
    this.id = id;
  }
}

/** The attributes of a body. A Ref in it stands for the id. */
export type Attributes = Readonly<Record<string, unknown>>;

export type Call =
  | {
      readonly action: 'create';
      readonly type: ResourceType<Resource>;
      readonly target: Ref;
      readonly attributes: Attributes;
    }
  | {
      readonly action: 'update';
      readonly type: ResourceType<Resource>;
      readonly target: Ref;
      readonly attributes: Attributes;
    }
  | { readonly action: 'delete'; readonly type: ResourceType<Resource>; readonly target: Ref }
  | { readonly action: 'add interface' | 'remove interface'; readonly target: Ref; readonly attributes: Attributes };

/** What a resource of a file is created with: it has its tag from the first moment, whatever becomes of the calls after it. */
export function ofFile(attributes: Attributes): Attributes {
  return { ...attributes, tags: [FILE_TAG] };
}

/** No call for no attribute. */
export function update(type: ResourceType<Resource>, target: Ref, attributes: Attributes): readonly Call[] {
  return Object.keys(attributes).length === 0 ? [] : [{ action: 'update', type, target, attributes }];
}

export function deletion(type: ResourceType<Resource>, target: Ref): Call {
  return { action: 'delete', type, target };
}

/** What follows from a list of calls. */
export interface HandOver {
  readonly calls: readonly Call[];
  /** Floating IPs that stay and lead nowhere for a moment, because the API has no way around that. */
  readonly interrupted: readonly string[];
}

const SIGNS = { create: '+', update: '~', delete: '-', 'add interface': '+', 'remove interface': '-' } as const;

/** One line, as `buoy plan` has them: what is made (+), changed (~) or removed (-). */
export function callText(call: Call): string {
  const sign = SIGNS[call.action];
  const label = printable(call.target.label);
  switch (call.action) {
    case 'create':
    case 'update':
      return `${sign} ${label}: ${attributesText(call.attributes)}`;
    case 'delete':
      return `${sign} ${label}`;
    case 'add interface':
    case 'remove interface':
      return `${sign} interface of ${label}: ${attributesText(call.attributes)}`;
  }
}

function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${printable(valueText(value))}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (value instanceof Ref) return value.label;
  if (value === null || value === undefined || value === '') return 'none';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((each: unknown) => valueText(each)).join(' ');
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  return `(${attributesText(Object.fromEntries(Object.entries(value)))})`;
}

/** A request, as far as it can be told before the calls that it builds on. */
export interface CallDocument {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

export function callDocument(call: Call): CallDocument {
  const id = idText(call.target);
  switch (call.action) {
    case 'create':
      return { method: 'POST', path: `/v2.0/${call.type.collection}`, body: bodyOf(call) };
    case 'update':
      return { method: 'PUT', path: `/v2.0/${call.type.collection}/${id}`, body: bodyOf(call) };
    case 'delete':
      return { method: 'DELETE', path: `/v2.0/${call.type.collection}/${id}` };
    case 'add interface':
      return { method: 'PUT', path: `/v2.0/routers/${id}/add_router_interface`, body: filled(call.attributes, idText) };
    case 'remove interface':
      return {
        method: 'PUT',
        path: `/v2.0/routers/${id}/remove_router_interface`,
        body: filled(call.attributes, idText),
      };
  }
}

function bodyOf({ action, type, attributes }: Extract<Call, { attributes: unknown; type: unknown }>): unknown {
  return { [type.singular]: filled(action === 'create' ? ofFile(attributes) : attributes, idText) };
}

/** One that is not there yet stands in angle brackets. */
function idText({ id, label }: Ref): string {
  return id ?? `<${label}>`;
}

/** A value with ids in place of Refs. */
export function filled(value: unknown, idOf: (ref: Ref) => string): unknown {
  if (value instanceof Ref) return idOf(value);
  if (Array.isArray(value)) return value.map((each: unknown) => filled(each, idOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, idOf)]));
}
