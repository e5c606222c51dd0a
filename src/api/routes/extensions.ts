import { NetworkingError } from '../../intent/store/index.ts';
import type { App } from '../fastify.ts';
import { parseQuery } from '../list-query.ts';
import { project } from '../project.ts';

interface ByAlias {
  readonly Params: { readonly alias: string };
}

/** What clients look for before they use it: `neutron-lib/api/definitions` has an alias for each. Only what is all there. */
const EXTENSIONS: Readonly<Record<string, readonly [name: string, description: string, updated: string]>> = {
  agent: ['agent', 'The agent management extension.', '2013-02-03T10:00:00-00:00'],
  binding: [
    'Port Binding',
    'Expose port bindings of a virtual port to external application',
    '2014-02-03T10:00:00-00:00',
  ],
  dvr: [
    'Distributed Virtual Router',
    'Enables configuration of Distributed Virtual Routers.',
    '2014-06-01T10:00:00-00:00',
  ],
  'external-net': [
    'Neutron external network',
    'Adds external network attribute to network resource.',
    '2013-01-14T10:00:00-00:00',
  ],
  'empty-string-filtering': [
    'Empty String Filtering Extension',
    'Allow filtering by attributes with empty string value',
    '2018-05-01T10:00:00-00:00',
  ],
  extraroute: ['Neutron Extra Route', 'Extra routes configuration for L3 router', '2013-02-01T10:00:00-00:00'],
  'extraroute-atomic': [
    'Atomically add/remove extra routes',
    'Edit extra routes of a router on server side by atomically adding/removing extra routes',
    '2019-07-10T00:00:00+00:00',
  ],
  'filter-validation': [
    'Filter parameters validation',
    'Provides validation on filter parameters.',
    '2018-03-21T10:00:00-00:00',
  ],
  'fip-port-details': [
    'Floating IP Port Details Extension',
    'Add port_details attribute to Floating IP resource',
    '2018-04-09T10:00:00-00:00',
  ],
  'ip-substring-filtering': [
    'IP address substring filtering',
    'Provides IP address substring filtering when listing ports',
    '2017-11-28T09:00:00-00:00',
  ],
  'net-mtu': ['Network MTU', 'Provides MTU attribute for a network resource.', '2015-03-25T10:00:00-00:00'],
  'net-mtu-writable': [
    'Network MTU (writable)',
    'Provides a writable MTU attribute for a network resource.',
    '2017-07-12T00:00:00-00:00',
  ],
  pagination: [
    'Pagination support',
    'Extension that indicates that pagination is enabled.',
    '2016-06-12T00:00:00-00:00',
  ],
  'project-id': [
    'project_id field enabled',
    'Extension that indicates that project_id field is enabled.',
    '2016-09-09T09:09:09-09:09',
  ],
  provider: [
    'Provider Network',
    'Expose mapping of virtual networks to physical networks',
    '2012-09-07T10:00:00-00:00',
  ],
  quota_details: [
    'Quota details management support',
    'Expose functions for quotas usage statistics per project',
    '2017-02-10T10:00:00-00:00',
  ],
  quotas: [
    'Quota management support',
    'Expose functions for quotas management per project',
    '2012-07-29T10:00:00-00:00',
  ],
  'revision-if-match': [
    'If-Match constraints based on revision_number',
    'Extension indicating that If-Match based on revision_number is supported.',
    '2016-12-11T00:00:00-00:00',
  ],
  router: [
    'Neutron L3 Router',
    'Router abstraction for basic L3 forwarding between L2 Neutron networks and access to external networks via a NAT gateway.',
    '2012-07-20T10:00:00-00:00',
  ],
  sorting: ['Sorting support', 'Extension that indicates that sorting is enabled.', '2016-06-12T00:00:00-00:00'],
  'standard-attr-description': [
    'standard-attr-description',
    'Extension to add descriptions to standard attributes',
    '2016-02-10T10:00:00-00:00',
  ],
  'standard-attr-revisions': [
    'Resource revision numbers',
    'This extension will display the revision number of neutron resources.',
    '2016-04-11T10:00:00-00:00',
  ],
  'standard-attr-tag': [
    'Tag support for resources with standard attribute',
    'Enables to set tag on resources with standard attribute.',
    '2017-01-01T00:00:00-00:00',
  ],
  'standard-attr-timestamp': [
    'Resource timestamps',
    'Adds created_at and updated_at fields to all Neutron resources that have Neutron standard attributes.',
    '2016-09-12T10:00:00-00:00',
  ],
  'tag-creation': [
    'Tag creation extension',
    'Allow to create multiple tags for a resource',
    '2024-07-23T10:00:00-00:00',
  ],
  // Here, of all resources and not of ports alone.
  'tag-ports-during-bulk-creation': [
    'Tag Ports During Bulk Creation',
    'Allow to tag ports during bulk creation',
    '2019-12-29T19:00:00-00:00',
  ],
};

export function extensionRoutes(app: App): void {
  app.get('/v2.0/extensions', (request) => {
    const { fields } = parseQuery(request.url);
    return { extensions: Object.keys(EXTENSIONS).map((alias) => project(document(alias), fields)) };
  });

  app.get<ByAlias>('/v2.0/extensions/:alias', ({ params, url }) => {
    const { fields } = parseQuery(url);
    return { extension: project(document(params.alias), fields) };
  });
}

function document(alias: string): Readonly<Record<string, unknown>> {
  const entry = Object.hasOwn(EXTENSIONS, alias) ? EXTENSIONS[alias] : undefined;
  if (entry === undefined)
    throw new NetworkingError(404, 'ExtensionNotFound', `Extension with alias ${alias} does not exist`);
  const [name, description, updated] = entry;
  return { alias, name, description, updated, links: [] };
}
