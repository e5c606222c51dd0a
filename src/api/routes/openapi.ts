import type { App } from '../fastify.ts';
import { openApiDocument } from '../openapi/document.ts';

export function openApiRoutes(app: App): void {
  let document: ReturnType<typeof openApiDocument> | undefined;
  app.get('/openapi.json', { config: { needsNoToken: true } }, () => (document ??= openApiDocument()));
}
