import { unwrap } from '../collections.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';

interface ByProject {
  readonly Params: { readonly project: string };
}

/** `neutron/extensions/quotasv2.py` and `quotasv2_detail.py`. */
export function quotaRoutes(app: App, { networking }: Context): void {
  const path = '/v2.0/quotas/:project';

  app.get<ByProject>(path, ({ params }) => ({ quota: networking.quota(params.project) }));

  app.put<ByProject>(path, ({ params, body }) => ({
    quota: networking.setQuota(params.project, unwrap(body, 'quota')),
  }));

  app.delete<ByProject>(path, ({ params }, reply) => {
    networking.deleteQuota(params.project);
    reply.code(204).send();
  });
}
