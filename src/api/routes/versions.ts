import type { App } from '../fastify.ts';
import { baseUrl } from '../request-target.ts';

/** What clients look for first: which versions there are, and what is in v2.0 (`neutron/api/versions.py`). */
export function versionRoutes(app: App): void {
  app.get('/', { config: { needsNoToken: true } }, (request) => ({
    versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${baseUrl(request)}/v2.0/` }] }],
  }));

  app.get('/v2.0', (request) => ({
    resources: RESOURCES.map(([name, collection]) => ({
      name,
      collection,
      links: [{ rel: 'self', href: `${baseUrl(request)}/v2.0/${collection}` }],
    })),
  }));
}

const RESOURCES = [
  ['network', 'networks'],
  ['subnet', 'subnets'],
  ['port', 'ports'],
  ['router', 'routers'],
  ['floatingip', 'floatingips'],
  ['agent', 'agents'],
  ['extension', 'extensions'],
  ['quota', 'quotas'],
] as const;
