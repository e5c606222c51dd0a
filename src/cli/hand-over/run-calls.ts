// Makes the calls that hand a file's intent over.

import { BuoyError } from '../../errors.ts';
import type { AgentClient } from '../agent/agent-client.ts';
import type { Attributes, Call, Ref } from './call.ts';
import { filled, ofFile } from './call.ts';

/** Of one kind, in one request. */
const MOST_AT_ONCE = 100;

type Creation = Extract<Call, { action: 'create' }>;
type Resolve = (attributes: Attributes) => object;

/** Makes them one after the other, and ends with the first that fails: what was done stays, and the next run does the rest. */
export async function runCalls(
  client: AgentClient,
  calls: readonly Call[],
  progress: (done: number) => void,
): Promise<void> {
  const made = new Map<Ref, string>();
  const idOf = (ref: Ref): string => {
    const id = ref.id ?? made.get(ref);
    if (id === undefined) throw new BuoyError('BUOY_INTERNAL', `a call needs ${ref.label}, which none before it makes`);
    return id;
  };
  const resolve: Resolve = (attributes) =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, filled(value, idOf)]));
  let done = 0;
  for (const group of inGroups(calls)) {
    const [call] = group;
    try {
      if (call.action === 'create') {
        const ids = await createAll(client, group.filter(isCreation), resolve);
        for (const [index, { target }] of group.entries()) made.set(target, ids[index] ?? '');
      } else await run(client, call, idOf, resolve);
    } catch (error) {
      throw withCall(error, group, done, calls.length);
    }
    done += group.length;
    progress(done);
  }
}

/** Creations of one kind that follow on each other, and every other call by itself. */
function* inGroups(calls: readonly Call[]): Generator<readonly [Call, ...Call[]]> {
  let group: [Call, ...Call[]] | undefined;
  for (const call of calls) {
    const [first] = group ?? [];
    const isSame = first !== undefined && isCreation(first) && isCreation(call) && first.type === call.type;
    if (group !== undefined && isSame && group.length < MOST_AT_ONCE) group.push(call);
    else {
      if (group !== undefined) yield group;
      group = [call];
    }
  }
  if (group !== undefined) yield group;
}

function isCreation(call: Call): call is Creation {
  return call.action === 'create';
}

/** Answers their ids. */
async function createAll(
  client: AgentClient,
  creations: readonly Creation[],
  resolve: Resolve,
): Promise<readonly string[]> {
  const [first] = creations;
  if (first === undefined) return [];
  const bodies = creations.map(({ attributes }) => resolve(ofFile(attributes)));
  return (await client.createAll(first.type, bodies)).map(({ id }) => id);
}

async function run(
  client: AgentClient,
  call: Exclude<Call, Creation>,
  idOf: (ref: Ref) => string,
  resolve: Resolve,
): Promise<void> {
  const id = idOf(call.target);
  switch (call.action) {
    case 'update':
      await client.update(call.type, id, resolve(call.attributes));
      break;
    case 'delete':
      await client.remove(call.type, id);
      break;
    case 'add interface':
      await client.changeInterface(id, 'add', resolve(call.attributes));
      break;
    case 'remove interface':
      await client.changeInterface(id, 'remove', resolve(call.attributes));
      break;
  }
}

function withCall(
  error: unknown,
  [{ action, target }, ...others]: readonly [Call, ...Call[]],
  done: number,
  total: number,
): unknown {
  if (!(error instanceof BuoyError)) return error;
  const what = others.length === 0 ? target.label : `${target.label} and ${others.length} more`;
  const message = `${action} of ${what}: ${error.message} (${done} of ${total} calls were done)`;
  return new BuoyError(error.code, message, { remedy: error.remedy, subject: target.label, cause: error });
}
