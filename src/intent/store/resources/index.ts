// Each collection's name for one resource, what may be said when one is created or updated, and what
// is shown. The OpenAPI document is made of these, and so are bodies, filters and rows read by them.

import { z } from 'zod';
import type { Collection } from '../networking.ts';
import { floatingIpCreate, floatingIpShown, floatingIpUpdate } from './floating-ip.ts';
import { networkCreate, networkShown, networkUpdate } from './network.ts';
import { portCreate, portShown, portUpdate } from './port.ts';
import { routerCreate, routerShown, routerUpdate } from './router.ts';
import { subnetCreate, subnetShown, subnetUpdate } from './subnet.ts';

/** How an attribute is kept in its column and compared with a filter's text. */
export type AttributeKind = 'text' | 'integer' | 'boolean' | 'json';

export interface ResourceKind {
  /** The key of a body: `{"network": …}`. */
  readonly singular: string;
  readonly create: z.ZodObject;
  readonly update: z.ZodObject;
  readonly shown: z.ZodObject;
  /** Every attribute that is shown. */
  readonly attributes: ReadonlyMap<string, AttributeKind>;
  /** Those that lists can be filtered by, besides `tags`, `tags-any`, `not-tags`, `not-tags-any`. */
  readonly filterable: ReadonlySet<string>;
  readonly sortable: ReadonlySet<string>;
}

export const RESOURCES: Readonly<Record<Collection, ResourceKind>> = {
  networks: resource('network', networkCreate, networkUpdate, networkShown),
  subnets: resource('subnet', subnetCreate, subnetUpdate, subnetShown),
  ports: resource('port', portCreate, portUpdate, portShown, ['fixed_ips']),
  routers: resource('router', routerCreate, routerUpdate, routerShown),
  floatingips: resource('floatingip', floatingIpCreate, floatingIpUpdate, floatingIpShown),
};

function resource(
  singular: string,
  create: z.ZodObject,
  update: z.ZodObject,
  shown: z.ZodObject,
  moreFilters: readonly string[] = [],
): ResourceKind {
  const attributes = new Map(Object.entries(shown.shape).map(([name, schema]) => [name, kindOf(schema)]));
  const plain = [...attributes].flatMap(([name, kind]) => (kind === 'json' ? [] : [name]));
  const filterable = new Set([...plain, ...moreFilters]);
  return { singular, create, update, shown, attributes, filterable, sortable: new Set(plain) };
}

function kindOf(schema: unknown): AttributeKind {
  const inner: unknown = schema instanceof z.ZodNullable ? schema.unwrap() : schema;
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodNumber) return 'integer';
  const isText = inner instanceof z.ZodString || inner instanceof z.ZodStringFormat || inner instanceof z.ZodEnum;
  return isText ? 'text' : 'json';
}
