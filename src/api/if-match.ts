import type { FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

/** The revision that the resource must have (`If-Match: revision_number=7`, extension revision-if-match), if the client names one. */
export function ifMatchOf(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  const digits = /^revision_number=(?<digits>\d{1,15})$/i.exec(header.trim())?.groups?.['digits'];
  if (digits === undefined) throw new RequestError(400, 'If-Match must be `revision_number=N`.');
  return Number(digits);
}
