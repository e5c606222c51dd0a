// The agent's API as typed calls. Every answer is checked before anything is made of it.

import { z } from 'zod';
import { BuoyError } from '../../errors.ts';
import { isErrorCode } from '../output/error-report.ts';
import type { Endpoint } from './endpoint.ts';
import { endpointText } from './endpoint.ts';
import type { Answer, Request } from './http.ts';
import { HttpConnection } from './http.ts';
import { parseJson, refusalOf } from './refusal.ts';
import type { Resource, ResourceType } from './resource-types.ts';

const agentSchema = z.looseObject({
  host: z.string(),
  started_at: z.string(),
  configurations: z.looseObject({
    instance: z.string().optional(),
    /** How networks are reached on its host, under the names that `provider:physical_network` may have. */
    physical_networks: z
      .record(z.string(), z.looseObject({ bridge: z.string().optional(), macvlan: z.string().optional() }))
      .optional(),
  }),
});

const healthSchema = z.object({ status: z.literal('ok') });
const readySchema = z.looseObject({ status: z.enum(['ready', 'waiting']), reason: z.string().optional() });
const statusSchema = z.record(z.string(), z.unknown());

/** What the agent tells of itself. */
export type AgentDocument = z.output<typeof agentSchema>;
export type Query = Readonly<Record<string, string | readonly string[]>>;

export class AgentClient implements Disposable {
  readonly #http: HttpConnection;
  readonly #where: string;

  constructor(endpoint: Endpoint, answerTimeout?: number) {
    this.#http = new HttpConnection(endpoint, answerTimeout);
    this.#where = endpointText(endpoint);
  }

  /** Every method throws BUOY_AGENT_…: unreachable, denied, refused, failed, or an answer that cannot be read. */
  async list<T extends Resource>({ collection, schema }: ResourceType<T>, query: Query = {}): Promise<readonly T[]> {
    const path = `/v2.0/${collection}${queryText(query)}`;
    return this.#under(collection, z.array(schema), await this.#ask({ method: 'GET', path }));
  }

  async show<T extends Resource>(type: ResourceType<T>, id: string): Promise<T> {
    return this.#one(type, { method: 'GET', path: pathOf(type, id) });
  }

  async create<T extends Resource>(type: ResourceType<T>, attributes: object): Promise<T> {
    const body = { [type.singular]: attributes };
    return this.#one(type, { method: 'POST', path: `/v2.0/${type.collection}`, body });
  }

  /** All of them or none; answers them in that order. */
  async createAll<T extends Resource>(
    { collection, schema }: ResourceType<T>,
    all: readonly object[],
  ): Promise<readonly T[]> {
    const body = { [collection]: all };
    return this.#under(
      collection,
      z.array(schema),
      await this.#ask({ method: 'POST', path: `/v2.0/${collection}`, body }),
    );
  }

  async update<T extends Resource>(type: ResourceType<T>, id: string, attributes: object): Promise<T> {
    return this.#one(type, { method: 'PUT', path: pathOf(type, id), body: { [type.singular]: attributes } });
  }

  async remove<T extends Resource>(type: ResourceType<T>, id: string): Promise<void> {
    await this.#ask({ method: 'DELETE', path: pathOf(type, id) });
  }

  async setTags<T extends Resource>(type: ResourceType<T>, id: string, tags: readonly string[]): Promise<void> {
    await this.#ask({ method: 'PUT', path: `${pathOf(type, id)}/tags`, body: { tags } });
  }

  /** `body`: a `subnet_id` or a `port_id`. */
  async changeInterface(router: string, action: 'add' | 'remove', body: object): Promise<void> {
    const path = `/v2.0/routers/${encodeURIComponent(router)}/${action}_router_interface`;
    await this.#ask({ method: 'PUT', path, body });
  }

  async agent(): Promise<AgentDocument> {
    const answer = await this.#ask({ method: 'GET', path: '/v2.0/agents' });
    const [agent] = this.#under('agents', z.array(agentSchema), answer);
    if (agent === undefined) throw this.#incomprehensible('/v2.0/agents');
    return agent;
  }

  /** Undefined when the host has once been brought to what the store says; else what is waited for. */
  async waitsFor(): Promise<string | undefined> {
    const answer = await this.#http.request({ method: 'GET', path: '/readyz' });
    if (answer.status !== 200 && answer.status !== 503) throw refusalOf(answer);
    const { status, reason = 'it does not say what for' } = this.#read(readySchema, answer, '/readyz');
    return status === 'ready' ? undefined : reason;
  }

  /** The document of `GET /v1/status`. */
  async status(): Promise<Readonly<Record<string, unknown>>> {
    return this.#read(statusSchema, await this.#ask({ method: 'GET', path: '/v1/status' }), '/v1/status');
  }

  /** Throws when what answers is no agent. */
  async checkHealth(): Promise<void> {
    this.#read(healthSchema, await this.#ask({ method: 'GET', path: '/healthz' }), '/healthz');
  }

  /** The text of `GET /v1/events`, piece by piece. */
  async eventText(kinds: readonly string[], signal: AbortSignal | undefined): Promise<AsyncIterable<string>> {
    const path = `/v1/events${queryText({ kind: kinds })}`;
    const { status, pieces } = await this.#http.stream({
      method: 'GET',
      path,
      ...(signal !== undefined && { signal }),
    });
    if (status === 200) return pieces;
    let body = '';
    for await (const piece of pieces) body += piece;
    throw refusalOf({ status, body });
  }

  async #one<T extends Resource>({ singular, schema }: ResourceType<T>, request: Request): Promise<T> {
    return this.#under(singular, schema, await this.#ask(request));
  }

  async #ask(request: Request): Promise<Answer> {
    const answer = await this.#http.request(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusalOf(answer);
  }

  #under<T>(key: string, schema: z.ZodType<T>, answer: Answer): T {
    const document = this.#read(z.looseObject({}), answer, key);
    const result = schema.safeParse(document[key]);
    if (result.success) return result.data;
    throw this.#incomprehensible(key, result.error);
  }

  #read<T>(schema: z.ZodType<T>, answer: Answer, what: string): T {
    const result = schema.safeParse(parseJson(answer.body));
    if (result.success) return result.data;
    throw this.#incomprehensible(what, result.error);
  }

  #incomprehensible(what: string, cause?: unknown): BuoyError {
    return new BuoyError('BUOY_AGENT_ANSWER', `what answers on ${this.#where} for ${what} is no agent of Buoy`, {
      cause,
    });
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}

/** Why a resource has the status ERROR, as an error of this program. */
export function errorOfStatus(
  what: string,
  error: { readonly code: string; readonly message: string } | null | undefined,
): BuoyError {
  const code = error?.code ?? '';
  const message = `${what}: ${error?.message ?? 'the agent does not say why'}`;
  return isErrorCode(code)
    ? new BuoyError(code, message, { subject: what })
    : new BuoyError('BUOY_AGENT_FAILED', code === '' ? message : `${message} (${code})`, { subject: what });
}

function pathOf<T extends Resource>({ collection }: ResourceType<T>, id: string): string {
  return `/v2.0/${collection}/${encodeURIComponent(id)}`;
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) parameters.append(name, value);
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
