// The paths of the five collections.

import { MOST_CREATED } from '../collections.ts';
import { RESOURCES } from '../../intent/store/index.ts';
import type { Collection } from '../../intent/store/index.ts';
import { array, inPath, inQuery, object, operation, ref } from './operations.ts';
import type { Method, Operation } from './operations.ts';

export type Paths = Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;

/** The name of a resource's schema: `Network`, with `Create` or `Update` behind it what may be sent. */
export const SCHEMA_NAMES: Readonly<Record<Collection, string>> = {
  networks: 'Network',
  subnets: 'Subnet',
  ports: 'Port',
  routers: 'Router',
  floatingips: 'FloatingIp',
};

const id = inPath('id', 'The id of the resource.');
const fields = inQuery('fields', 'Show these attributes only.', array({ type: 'string' }));
const ifMatch = {
  name: 'If-Match',
  in: 'header',
  description: '`revision_number=N`: do it only if the resource has this revision; else 412.',
  schema: { type: 'string', pattern: '^revision_number=[0-9]+$' },
};

export function resourcePaths(collection: Collection): Paths {
  const { singular, filterable, sortable } = RESOURCES[collection];
  const name = SCHEMA_NAMES[collection];
  const tag = collection;
  const one = object({ [singular]: ref(name) });
  const tags = object({ tags: array({ type: 'string' }) });
  const path = `/v2.0/${collection}`;
  const bulk = { ...array(ref(`${name}Create`)), maxItems: MOST_CREATED };
  return {
    [path]: {
      get: operation({
        summary: `List ${collection}`,
        tag,
        parameters: [fields, ...filters(filterable), ...pages([...sortable])],
        answer: object({ [collection]: array(ref(name)), [`${collection}_links`]: ref('Links') }, [
          `${collection}_links`,
        ]),
      }),
      post: operation({
        summary: `Create one or, all or none, many`,
        tag,
        body: {
          oneOf: [object({ [singular]: ref(`${name}Create`) }), object({ [collection]: bulk })],
        },
        status: 201,
        answer: { oneOf: [one, object({ [collection]: array(ref(name)) })] },
      }),
    },
    [`${path}/{id}`]: {
      get: operation({ summary: 'Show one', tag, parameters: [id, fields], answer: one }),
      put: operation({
        summary: 'Update one',
        tag,
        parameters: [id, ifMatch],
        body: object({ [singular]: ref(`${name}Update`) }),
        answer: one,
      }),
      delete: operation({ summary: 'Delete one', tag, parameters: [id, ifMatch], status: 204 }),
    },
    [`${path}/{id}/tags`]: {
      get: operation({ summary: 'List tags', tag, parameters: [id], answer: tags }),
      post: operation({ summary: 'Add tags', tag, parameters: [id], body: tags, status: 201, answer: tags }),
      put: operation({ summary: 'Replace all tags', tag, parameters: [id], body: tags, answer: tags }),
      delete: operation({ summary: 'Remove all tags', tag, parameters: [id], status: 204 }),
    },
    [`${path}/{id}/tags/{tag}`]: {
      get: operation({ summary: 'Tell whether it has a tag', tag, parameters: [id, tagInPath], status: 204 }),
      put: operation({ summary: 'Add a tag', tag, parameters: [id, tagInPath], status: 201 }),
      delete: operation({ summary: 'Remove a tag', tag, parameters: [id, tagInPath], status: 204 }),
    },
  };
}

export function routerActionPaths(): Paths {
  const tag = 'routers';
  const interfaceAction = (summary: string): Operation =>
    operation({ summary, tag, parameters: [id], body: ref('RouterInterfaceBody'), answer: ref('RouterInterface') });
  const routeAction = (summary: string): Operation =>
    operation({
      summary,
      tag,
      parameters: [id],
      body: object({ router: ref('ExtraRoutesBody') }),
      answer: object({ router: ref('Router') }),
    });
  return {
    '/v2.0/routers/{id}/add_router_interface': { put: interfaceAction('Connect a subnet or a port') },
    '/v2.0/routers/{id}/remove_router_interface': { put: interfaceAction('Disconnect a subnet or a port') },
    '/v2.0/routers/{id}/add_extraroutes': { put: routeAction('Add routes') },
    '/v2.0/routers/{id}/remove_extraroutes': { put: routeAction('Remove routes') },
  };
}

const tagInPath = inPath('tag', 'The tag.');

function filters(filterable: ReadonlySet<string>): readonly Readonly<Record<string, unknown>>[] {
  return [
    ...[...filterable].map((name) =>
      inQuery(name, 'Only those with this value; given more than once: with any of them.'),
    ),
    inQuery('changed_since', 'Only those that were created or changed at this time or later.', {
      type: 'string',
      format: 'date-time',
    }),
    inQuery('tags', 'Only those with all of these tags, with commas between.'),
    inQuery('tags-any', 'Only those with one of these tags.'),
    inQuery('not-tags', 'Only those that lack one of these tags.'),
    inQuery('not-tags-any', 'Only those with none of these tags.'),
  ];
}

function pages(sortable: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  return [
    inQuery('sort_key', 'Sort by this attribute; given more than once: by the first, then by the next.', {
      enum: sortable,
    }),
    inQuery('sort_dir', 'The direction for each `sort_key`.', { enum: ['asc', 'desc'] }),
    inQuery('limit', 'No more than so many; the answer then has links to the other pages.', {
      type: 'integer',
      minimum: 0,
    }),
    inQuery('marker', 'The id of the last one of the page before.'),
    inQuery('page_reverse', 'The page before the marker instead of that after it.', { type: 'boolean' }),
  ];
}
