import type { Counters } from './metrics.ts';
import type { ApiOptions, Limits } from './options.ts';
import type { EventStreams } from './event-streams.ts';

/** What routes work with. */
export interface Context extends Pick<ApiOptions, 'networking' | 'agent' | 'registry' | 'logger'> {
  readonly limits: Limits;
  readonly counters: Counters;
  readonly streams: EventStreams;
}
