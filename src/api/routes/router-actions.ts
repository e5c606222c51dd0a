import type { Context } from '../context.ts';
import { unwrap } from '../collections.ts';
import type { App } from '../fastify.ts';

interface ById {
  readonly Params: { readonly id: string };
}

/** What routers do beside what all resources do. */
export function routerActionRoutes(app: App, { networking }: Context): void {
  app.put<ById>('/v2.0/routers/:id/add_router_interface', ({ params, body }) =>
    networking.addRouterInterface(params.id, body),
  );
  app.put<ById>('/v2.0/routers/:id/remove_router_interface', ({ params, body }) =>
    networking.removeRouterInterface(params.id, body),
  );
  for (const action of ['add', 'remove'] as const) {
    app.put<ById>(`/v2.0/routers/:id/${action}_extraroutes`, ({ params, body }) => ({
      router: networking.changeExtraRoutes(params.id, action, unwrap(body, 'router')),
    }));
  }
}
