import { RESOURCES } from '../../intent/store/index.ts';
import type { Networking } from '../../intent/store/index.ts';
import { COLLECTIONS, unwrap } from '../collections.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';

interface ByProject {
  readonly Params: { readonly project: string };
}

/** `neutron/extensions/quotasv2.py` and `quotasv2_detail.py`. */
export function quotaRoutes(app: App, { networking }: Context): void {
  const path = '/v2.0/quotas/:project';

  app.get('/v2.0/quotas', () => ({
    quotas: networking.quotaProjects().map((id) => ({ ...networking.quota(id), project_id: id, tenant_id: id })),
  }));

  app.get<ByProject>(path, ({ params }) => ({ quota: networking.quota(params.project) }));

  app.put<ByProject>(path, ({ params, body }) => ({
    quota: networking.setQuota(params.project, unwrap(body, 'quota')),
  }));

  app.delete<ByProject>(path, ({ params }, reply) => {
    networking.deleteQuota(params.project);
    reply.code(204).send();
  });

  app.get<ByProject>(`${path}/default`, () => ({ quota: networking.quota() }));

  // Clients ask with the ending; Neutron takes it on every path.
  for (const end of ['details', 'details.json'])
    app.get<ByProject>(`${path}/${end}`, ({ params }) => ({ quota: details(networking, params.project) }));
}

/** Of each kind the limit, and how many there are. Nothing is ever reserved: a request makes all it makes at once. */
function details(networking: Networking, project: string): Readonly<Record<string, object>> {
  const limits = networking.quota(project);
  return Object.fromEntries(
    COLLECTIONS.map((collection) => {
      const { singular } = RESOURCES[collection];
      return [singular, { limit: limits[singular] ?? -1, used: networking.count(collection, project), reserved: 0 }];
    }),
  );
}
