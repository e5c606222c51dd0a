import { NetworkingError, tagsBody } from '../../intent/store/index.ts';
import type { Collection } from '../../intent/store/index.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';
import { RequestError } from '../request-error.ts';

interface ById {
  readonly Params: { readonly id: string };
}

interface ByTag {
  readonly Params: { readonly id: string; readonly tag: string };
}

/** The sub-resource of the extensions standard-attr-tag and tag-creation (`neutron/extensions/tagging.py`). */
export function tagRoutes(app: App, { networking }: Context, collection: Collection): void {
  const path = `/v2.0/${collection}/:id/tags`;

  app.get<ById>(path, ({ params }) => ({ tags: networking.tags(collection, params.id) }));

  app.post<ById>(path, ({ params, body }, reply) => {
    const tags = new Set([...networking.tags(collection, params.id), ...tagsIn(body)]);
    reply.code(201);
    return { tags: networking.setTags(collection, params.id, [...tags]) };
  });

  app.put<ById>(path, ({ params, body }) => ({ tags: networking.setTags(collection, params.id, tagsIn(body)) }));

  app.delete<ById>(path, ({ params }, reply) => {
    networking.setTags(collection, params.id, []);
    reply.code(204).send();
  });

  app.get<ByTag>(`${path}/:tag`, ({ params }, reply) => {
    demandTag(networking.tags(collection, params.id), params);
    reply.code(204).send();
  });

  app.put<ByTag>(`${path}/:tag`, ({ params }, reply) => {
    const tags = networking.tags(collection, params.id);
    if (!tags.includes(params.tag)) networking.setTags(collection, params.id, [...tags, params.tag]);
    reply.code(201).send();
  });

  app.delete<ByTag>(`${path}/:tag`, ({ params }, reply) => {
    const tags = networking.tags(collection, params.id);
    demandTag(tags, params);
    networking.setTags(
      collection,
      params.id,
      tags.filter((tag) => tag !== params.tag),
    );
    reply.code(204).send();
  });
}

function tagsIn(body: unknown): readonly string[] {
  const { data } = tagsBody.safeParse(body);
  if (data === undefined) throw new RequestError(400, 'Invalid input for tags.');
  return data.tags;
}

function demandTag(tags: readonly string[], { tag }: ByTag['Params']): void {
  if (!tags.includes(tag)) throw new NetworkingError(404, 'TagNotFound', `Tag ${tag} could not be found.`);
}
