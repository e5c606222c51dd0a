// What the agent tells of itself: one line for each event, on standard error.

import type { Logger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';
import { z } from 'zod';
import type { AgentConfig } from './config.ts';

export type Log = Logger;

/** A log that writes lines of the configured format, from the configured level on. */
export function createLog({ level, format }: AgentConfig['log'], write: (line: string) => void): Log {
  const options = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write: (line: string) => write(format === 'json' ? line : textLine(line)) });
}

const RECORD = z.looseObject({ level: z.string(), time: z.string(), message: z.string().default('') });

/** Values as JSON, so that no text from outside can end the line. */
function textLine(line: string): string {
  const { level, time: _, message, ...fields } = RECORD.parse(JSON.parse(line));
  const values = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${[level.padEnd(5), message, ...values].join(' ')}\n`;
}
