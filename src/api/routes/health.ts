import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';

/** What watches over the process asks. */
export function healthRoutes(app: App, { agent, registry }: Context): void {
  app.get('/healthz', { config: { needsNoToken: true } }, () => ({ status: 'ok' }));

  app.get('/readyz', { config: { needsNoToken: true } }, (_request, reply) => {
    const reason = agent.waitsFor();
    if (reason === undefined) return { status: 'ready' };
    reply.code(503);
    return { status: 'waiting', reason };
  });

  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });

  app.get('/v1/status', () => agent.status());
}
