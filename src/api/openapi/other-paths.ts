// The paths beside the five collections.

import type { Paths } from './networking-paths.ts';
import { array, inPath, inQuery, object, operation, ref } from './operations.ts';

const project = inPath('project', 'The id of the project.');
const text = { schema: { type: 'string' } };

export function neutronPaths(): Paths {
  const quotaAnswer = object({ quota: ref('Quota') });
  return {
    '/': {
      get: operation({
        summary: 'The versions of the API',
        tag: 'versions',
        answer: ref('Versions'),
        needsNoToken: true,
      }),
    },
    '/v2.0': { get: operation({ summary: 'The collections', tag: 'versions', answer: ref('Resources') }) },
    '/v2.0/extensions': {
      get: operation({
        summary: 'List what there is beside the core',
        tag: 'extensions',
        answer: object({ extensions: array(ref('Extension')) }),
      }),
    },
    '/v2.0/extensions/{alias}': {
      get: operation({
        summary: 'Show one',
        tag: 'extensions',
        parameters: [inPath('alias', 'The alias of the extension.')],
        answer: object({ extension: ref('Extension') }),
      }),
    },
    '/v2.0/agents': {
      get: operation({ summary: 'List this agent', tag: 'agents', answer: object({ agents: array(ref('Agent')) }) }),
    },
    '/v2.0/agents/{id}': {
      get: operation({
        summary: 'Show this agent',
        tag: 'agents',
        parameters: [inPath('id', 'The id of the agent.')],
        answer: object({ agent: ref('Agent') }),
      }),
    },
    '/v2.0/quotas': {
      get: operation({
        summary: 'List the projects that have quotas of their own',
        tag: 'quotas',
        answer: object({ quotas: array(ref('ProjectQuota')) }),
      }),
    },
    '/v2.0/quotas/{project}': {
      get: operation({ summary: "Show a project's quotas", tag: 'quotas', parameters: [project], answer: quotaAnswer }),
      put: operation({
        summary: "Set a project's quotas",
        tag: 'quotas',
        parameters: [project],
        body: object({ quota: ref('QuotaUpdate') }),
        answer: quotaAnswer,
      }),
      delete: operation({ summary: 'Back to the defaults', tag: 'quotas', parameters: [project], status: 204 }),
    },
    '/v2.0/quotas/{project}/default': {
      get: operation({ summary: 'Show the defaults', tag: 'quotas', parameters: [project], answer: quotaAnswer }),
    },
    '/v2.0/quotas/{project}/details': {
      get: operation({
        summary: 'Show quotas and what is in use of them',
        tag: 'quotas',
        parameters: [project],
        answer: object({ quota: ref('QuotaDetails') }),
      }),
    },
  };
}

export function ownPaths(): Paths {
  return {
    '/healthz': {
      get: operation({ summary: 'The process lives', tag: 'health', answer: ref('Health'), needsNoToken: true }),
    },
    '/readyz': {
      get: operation({
        summary: 'The host has once been brought to what the store says',
        tag: 'health',
        answer: ref('Ready'),
        others: { 503: { description: 'Not yet.', content: { 'application/json': { schema: ref('Waiting') } } } },
        needsNoToken: true,
      }),
    },
    '/metrics': { get: textOperation('Metrics, as Prometheus reads them', 'health', 'text/plain') },
    '/v1/status': { get: operation({ summary: 'What became of the intent', tag: 'agent', answer: ref('Status') }) },
    '/v1/events': {
      get: {
        ...textOperation('What happens from now on, as Server-Sent Events', 'agent', 'text/event-stream'),
        parameters: [inQuery('kind', 'Events of this kind only; given more than once: of any of them.')],
      },
    },
    '/openapi.json': {
      get: operation({ summary: 'This document', tag: 'versions', answer: { type: 'object' }, needsNoToken: true }),
    },
  };
}

function textOperation(summary: string, tag: string, type: string): Readonly<Record<string, unknown>> {
  return {
    summary,
    tags: [tag],
    responses: {
      200: { description: 'Done.', content: { [type]: text } },
      401: { $ref: '#/components/responses/Unauthorized' },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}
