import { shape } from './shape.ts';

/** Keeps connection tracking from seeing the packet. */
export interface Notrack {
  readonly name: 'notrack';
}

export const NOTRACK = shape<Notrack>('notrack', {});
