import type { Collection } from '../../intent/store/index.ts';
import { RESOURCES } from '../../intent/store/index.ts';
import { unwrap, unwrapCreation } from '../collections.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';
import { ifMatchOf } from '../if-match.ts';
import { parseQuery } from '../list-query.ts';
import { listText } from '../list-text.ts';
import { pageLinks } from '../page-links.ts';
import { project } from '../project.ts';
import { baseUrl } from '../request-target.ts';

interface ById {
  readonly Params: { readonly id: string };
}

/** `/v2.0/networks` and its like: list, create, show, update, delete. */
export function resourceRoutes(app: App, { networking }: Context, collection: Collection): void {
  const { singular } = RESOURCES[collection];
  const path = `/v2.0/${collection}`;

  app.get(path, (request, reply) => {
    const query = parseQuery(request.url);
    const listing = networking.listing(collection, query.list, query.fields);
    const links = pageLinks(`${baseUrl(request)}${path}`, query, listing);
    reply.type('application/json; charset=utf-8');
    return listText(collection, listing.pieces, links);
  });

  app.post(path, (request, reply) => {
    const { bodies, isBulk } = unwrapCreation(request.body, collection);
    const resources = networking.create(collection, bodies);
    reply.code(201);
    return isBulk ? { [collection]: resources } : { [singular]: resources[0] };
  });

  app.get<ById>(`${path}/:id`, (request) => {
    const { fields } = parseQuery(request.url);
    return { [singular]: project(networking.show(collection, request.params.id), fields) };
  });

  app.put<ById>(`${path}/:id`, (request) => {
    const body = unwrap(request.body, singular);
    return { [singular]: networking.update(collection, request.params.id, body, ifMatchOf(request)) };
  });

  app.delete<ById>(`${path}/:id`, (request, reply) => {
    networking.delete(collection, request.params.id, ifMatchOf(request));
    reply.code(204).send();
  });
}
