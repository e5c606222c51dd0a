// Answers that are no success, as errors of this program in the agent's own words.

import { z } from 'zod';
import { BuoyError } from '../../errors.ts';
import { printable } from '../output/printable.ts';
import type { Answer } from './http.ts';

const NeutronError = z.object({ NeutronError: z.object({ type: z.string(), message: z.string() }) });
const KeystoneError = z.object({ error: z.object({ message: z.string() }) });

/** The error that an answer stands for; the type that Neutron gives it is its subject. */
export function refusalOf({ status, body }: Answer): BuoyError {
  const document = parseJson(body);
  const neutron = NeutronError.safeParse(document).data?.NeutronError;
  const words = printable(neutron?.message ?? KeystoneError.safeParse(document).data?.error.message ?? '');
  if (status === 401 || status === 403)
    return new BuoyError('BUOY_AGENT_DENIED', words === '' ? `the agent answers ${status}` : words);
  if (neutron === undefined || words === '')
    return new BuoyError('BUOY_AGENT_ANSWER', `the agent answers ${status} without an error that can be read`);
  const type = printable(neutron.type);
  const code = status >= 500 ? 'BUOY_AGENT_FAILED' : 'BUOY_AGENT_REFUSED';
  return new BuoyError(code, `${words} (${type})`, { subject: type });
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
