// What routes answer that show no resource of the store. `GET /openapi.json` is made of these; a test
// compares the real answers with them.

import { z } from 'zod';

const link = z.object({ rel: z.string(), href: z.string() });
const time = z.string().describe('UTC, as `2026-01-31 12:00:00`.');

export const versionsAnswer = z.object({
  versions: z.array(z.object({ id: z.literal('v2.0'), status: z.literal('CURRENT'), links: z.array(link) })),
});

export const resourcesAnswer = z.object({
  resources: z.array(z.object({ name: z.string(), collection: z.string(), links: z.array(link) })),
});

export const linksField = z.array(z.object({ rel: z.enum(['next', 'previous']), href: z.string() }));

export const extension = z.object({
  alias: z.string(),
  name: z.string(),
  description: z.string(),
  updated: z.string(),
  links: z.array(link),
});

export const agent = z.object({
  id: z.guid(),
  agent_type: z.literal('L3 agent'),
  binary: z.string(),
  topic: z.string(),
  host: z.string(),
  admin_state_up: z.boolean(),
  alive: z.boolean(),
  availability_zone: z.string(),
  description: z.string().nullable(),
  created_at: time,
  started_at: time,
  heartbeat_timestamp: time,
  configurations: z.record(z.string(), z.unknown()),
  resources_synced: z.boolean().nullable(),
});

export const quota = z
  .record(z.string(), z.int())
  .describe('Of each kind how many a project may have; -1: any number.');

export const projectQuota = z.object({ project_id: z.string(), tenant_id: z.string() }).catchall(z.int());

export const quotaDetails = z.record(z.string(), z.object({ limit: z.int(), used: z.int(), reserved: z.int() }));

export const healthAnswer = z.object({ status: z.literal('ok') });

export const readyAnswer = z.object({ status: z.literal('ready') });

export const waitingAnswer = z.object({ status: z.literal('waiting'), reason: z.string() });

export const statusAnswer = z.record(z.string(), z.unknown());

export const neutronErrorAnswer = z.object({
  NeutronError: z.object({ type: z.string(), message: z.string(), detail: z.string() }),
});

export const keystoneErrorAnswer = z.object({
  error: z.object({ code: z.int(), title: z.string(), message: z.string() }),
});
