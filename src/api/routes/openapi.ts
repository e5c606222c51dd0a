import type { App } from '../fastify.ts';

export function openApiRoutes(app: App): void {
  app.get('/openapi.json', { config: { needsNoToken: true } }, () => ({}));
}
