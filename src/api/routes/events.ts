import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';

/** `/v1/events`, with `kind=drift&kind=kernel` those kinds only. */
export function eventRoutes(app: App, { streams }: Context): void {
  app.get('/v1/events', { exposeHeadRoute: false, config: { isStream: true } }, (request, reply) => {
    const [, query = ''] = request.url.split('?', 2);
    const stream = streams.open(new Set(new URLSearchParams(query).getAll('kind')));
    reply.type('text/event-stream; charset=utf-8').send(stream);
  });
}
