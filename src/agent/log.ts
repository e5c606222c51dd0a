// What the agent tells of itself: one line for each event, on standard error.

import type { AgentConfig } from './config.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** The arguments are those of pino's methods. */
export type Log = { readonly [L in Level]: (fields: object, message: string) => void };

/** A log that writes lines of the configured format, from the configured level on. */
export function createLog({ level, format }: AgentConfig['log'], write: (line: string) => void): Log {
  const lineOf = format === 'json' ? jsonLine : textLine;
  const method = (own: Level) =>
    LEVELS.indexOf(own) < LEVELS.indexOf(level)
      ? () => undefined
      : (fields: object, message: string) => write(`${lineOf(own, fields, message)}\n`);
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') };
}

function jsonLine(level: Level, fields: object, message: string): string {
  return JSON.stringify({ time: new Date().toISOString(), level, ...fields, message });
}

/** Values as JSON, so that no text from outside can end the line. */
function textLine(level: Level, fields: object, message: string): string {
  const values = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value) ?? 'undefined'}`);
  return [level.padEnd(5), message, ...values].join(' ');
}
