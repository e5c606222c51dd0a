import { COLLECTIONS } from '../collections.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';
import { agentRoutes } from './agents.ts';
import { eventRoutes } from './events.ts';
import { extensionRoutes } from './extensions.ts';
import { healthRoutes } from './health.ts';
import { openApiRoutes } from './openapi.ts';
import { watchMethods } from './other-methods.ts';
import { quotaRoutes } from './quotas.ts';
import { resourceRoutes } from './resources.ts';
import { routerActionRoutes } from './router-actions.ts';
import { tagRoutes } from './tags.ts';
import { versionRoutes } from './versions.ts';

/** Every route that there is. */
export function allRoutes(app: App, context: Context): void {
  const addOtherMethods = watchMethods(app);
  versionRoutes(app);
  for (const collection of COLLECTIONS) {
    resourceRoutes(app, context, collection);
    tagRoutes(app, context, collection);
  }
  routerActionRoutes(app, context);
  extensionRoutes(app);
  agentRoutes(app, context);
  quotaRoutes(app, context);
  healthRoutes(app, context);
  eventRoutes(app, context);
  openApiRoutes(app);
  addOtherMethods();
}
