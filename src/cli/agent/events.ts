// What the agent tells of as it happens.

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { BuoyError } from '../../errors.ts';
import type { AgentClient } from './agent-client.ts';
import { parseJson } from './refusal.ts';
import { SseParser } from './sse-parser.ts';

export interface AgentEvent {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Following {
  /** Of these kinds only; none: of all. */
  readonly kinds: readonly string[];
  /** Whether to ask again when the stream ends or breaks, as it does when the agent restarts. */
  readonly isLasting: boolean;
  readonly signal?: AbortSignal;
  /** Told of every stream that is there, before its first event; `isFirst`: nothing can have been missed. */
  readonly onConnection?: (isFirst: boolean) => void;
  /** Told when a stream has ended and another is looked for. */
  readonly onBreak?: () => void;
}

const dataSchema = z.record(z.string(), z.unknown());
/** The stream's own last event: the agent stops, or this reader is too slow. */
const CLOSING = 'closing';
/** Milliseconds before asking again; twice as long each time that fails. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

/**
 * Ends when the stream does (never, if lasting) or by the signal. What happens while there is no stream is not told.
 * Throws BUOY_AGENT_… when there is no first stream and, unless lasting, when it breaks.
 */
export async function* followEvents(client: AgentClient, following: Following): AsyncGenerator<AgentEvent> {
  const { isLasting, signal } = following;
  let pause = SHORTEST_PAUSE;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const pieces = await client.eventText(following.kinds, signal);
      pause = SHORTEST_PAUSE;
      following.onConnection?.(isFirst);
      yield* eventsOf(pieces);
    } catch (error) {
      if (signal?.aborted === true) return;
      if (!isLasting || isFirst || !isPassing(error)) throw error;
    }
    if (!isLasting) return;
    following.onBreak?.();
    // The rejection is that of the signal.
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    if (signal?.aborted === true) return;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}

async function* eventsOf(pieces: AsyncIterable<string>): AsyncGenerator<AgentEvent> {
  const parser = new SseParser();
  for await (const piece of pieces) {
    for (const { type, data } of parser.push(piece)) {
      if (type === CLOSING) return;
      const result = dataSchema.safeParse(parseJson(data));
      if (!result.success) throw new BuoyError('BUOY_AGENT_ANSWER', `the agent tells of ${type} what cannot be read`);
      yield { kind: type, data: result.data };
    }
  }
}

/** An agent that restarts cannot be reached, or has too many readers for a moment. */
function isPassing(error: unknown): boolean {
  return error instanceof BuoyError && (error.code === 'BUOY_AGENT_UNREACHABLE' || error.code === 'BUOY_AGENT_FAILED');
}
