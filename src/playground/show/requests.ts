// Requests to the agent's API, each told in a line: what was asked for, and what was answered.

import { z } from 'zod';
import { BuoyError } from '../../errors.ts';
import type { DemoReport } from '../demo-report.ts';
import { duration } from '../demo-report.ts';
import type { Answer, ApiClient, Method } from './api-client.ts';
import { shortName } from './short-name.ts';

type Collection = 'networks' | 'subnets' | 'ports' | 'routers' | 'floatingips';
type Body = Readonly<Record<string, unknown>>;

const resource = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  floating_ip_address: z.string().optional(),
});
const created = z.record(z.string(), resource);
const attached = z.looseObject({ port_id: z.string() });

export type Resource = z.output<typeof resource> & {
  /** When the request was sent, by `performance.now()`. */
  readonly askedAt: number;
};

export class Requests {
  readonly #api: ApiClient;
  readonly #report: DemoReport;
  /** Of resources, under their ids: people know them by these. */
  readonly #names = new Map<string, string>();

  constructor(api: ApiClient, report: DemoReport) {
    this.#api = api;
    this.#report = report;
  }

  /** Throws BUOY_INTERNAL when it is refused, as all of these. */
  async create(collection: Collection, body: Body): Promise<Resource> {
    return this.#change('POST', collection, `/v2.0/${collection}`, body, 201);
  }

  async update(collection: Collection, id: string, body: Body): Promise<Resource> {
    return this.#change('PUT', collection, `/v2.0/${collection}/${id}`, body, 200);
  }

  /** Answers the id of the port that the router has got. */
  async addInterface(routerId: string, subnetId: string): Promise<string> {
    const body = { subnet_id: subnetId };
    const answer = await this.#ask('PUT', `/v2.0/routers/${routerId}/add_router_interface`, body, body, 200);
    this.#tell(answer, '');
    return attached.parse(JSON.parse(answer.text)).port_id;
  }

  async removeInterface(routerId: string, subnetId: string): Promise<void> {
    const body = { subnet_id: subnetId };
    this.#tell(await this.#ask('PUT', `/v2.0/routers/${routerId}/remove_router_interface`, body, body, 200), '');
  }

  async delete(collection: Collection, id: string): Promise<void> {
    this.#tell(await this.#ask('DELETE', `/v2.0/${collection}/${id}`, undefined, undefined, 204), '');
  }

  async #change(method: Method, collection: Collection, path: string, body: Body, status: number): Promise<Resource> {
    const key = collection.slice(0, -1);
    const askedAt = performance.now();
    const answer = await this.#ask(method, path, body, { [key]: body }, status);
    const found = created.parse(JSON.parse(answer.text))[key];
    if (found === undefined) throw new BuoyError('BUOY_INTERNAL', `the answer to ${method} ${path} has no ${key}`);
    const label = found.floating_ip_address ?? found.name;
    if (label !== undefined && label !== '') this.#names.set(found.id, label);
    this.#tell(answer, found.floating_ip_address ?? shortName(found.id));
    return { ...found, askedAt };
  }

  async #ask(
    method: Method,
    path: string,
    told: Body | undefined,
    body: Body | undefined,
    status: number,
  ): Promise<Answer & { readonly line: string }> {
    const answer = await this.#api.ask(method, path, body);
    const line = `${method} ${this.#named(path)} ${told === undefined ? '' : this.#text(told)}`;
    if (answer.status === status) return { ...answer, line };
    throw new BuoyError('BUOY_INTERNAL', `${line} was answered with ${answer.status}: ${answer.text}`);
  }

  #tell({ line, status, milliseconds }: Answer & { readonly line: string }, label: string): void {
    const took = duration(milliseconds).padStart(8);
    this.#report.step(line, `→ ${status} ${label.padEnd('203.0.113.11'.length)} ${took}`);
  }

  /** As in YAML, between braces. */
  #text(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map((item) => this.#text(item)).join(', ')}]`;
    if (typeof value === 'object' && value !== null)
      return `{${Object.entries(value)
        .map(([key, inner]) => `${key}: ${this.#text(inner)}`)
        .join(', ')}}`;
    return this.#named(String(value));
  }

  #named(text: string): string {
    return text
      .split('/')
      .map((part) => this.#names.get(part) ?? part)
      .join('/');
  }
}
