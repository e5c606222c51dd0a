import type { HTTPMethods } from 'fastify';
import type { App } from '../fastify.ts';
import { RequestError } from '../request-error.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

/**
 * Answers 405 wherever a path is known and a method is not, and OPTIONS with what there is. To be called before the
 * other routes; what it answers has to be called after them.
 */
export function watchMethods(app: App): () => void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set(['OPTIONS']);
    for (const each of [method].flat()) known.add(each);
    methods.set(url, known);
  });

  return () => {
    // What is registered here is told to the hook as well.
    for (const [url, known] of [...methods].map(([path, set]) => [path, new Set(set)] as const)) {
      const allow = METHODS.filter((method) => known.has(method)).join(', ');
      app.options(url, (_request, reply) => {
        reply.code(204).header('Allow', allow).send();
      });
      app.route({
        url,
        method: METHODS.filter((method) => !known.has(method)),
        handler: function refuse({ method }) {
          throw new RequestError(405, `The method ${method} is not allowed for this resource.`, { Allow: allow });
        },
      });
    }
  };
}
