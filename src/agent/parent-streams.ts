// The streams that the listening process was started with.

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { BuoyError } from '../errors.ts';
import type { ParentStreams } from './listener-process.ts';

/** Where `bin/start-listener.js` puts them. */
const [KERNEL, CONTROL] = [3, 4];

/** Throws BUOY_USAGE where there are none: only the agent starts this process. */
export function parentStreams(): ParentStreams {
  return { kernel: openStream(KERNEL), control: openStream(CONTROL) };
}

function openStream(fd: number): Socket {
  if (!isSocket(fd)) throw new BuoyError('BUOY_USAGE', 'this command is the agent’s own: use `buoy agent`');
  return new Socket({ fd, readable: true, writable: true });
}

function isSocket(fd: number): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false;
  }
}
