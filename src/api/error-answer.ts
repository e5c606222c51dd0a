import type { FastifyReply, FastifyRequest } from 'fastify';
import { NetworkingError } from '../intent/store/index.ts';
import { neutronError, RequestError } from './request-error.ts';

/** Answers a refusal in the words of Neutron; anything else with a 500 that tells nothing, and a line in the log that does. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof NetworkingError) {
    if (error.status === 503) request.log.error({ err: error, client: request.client }, 'the store refuses');
    reply.code(error.status).send(neutronError(error.type, error.message));
    return;
  }
  const refusal = error instanceof RequestError ? error : refusalOf(error);
  if (refusal.status === 500) request.log.error({ err: error, client: request.client }, 'request failed');
  // The rest of a body that is too large is not worth waiting for.
  if (refusal.status === 413) reply.header('Connection', 'close');
  reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
}

/** Fastify's own errors carry a status and a code (https://fastify.dev/docs/latest/Reference/Errors/). */
function refusalOf(error: unknown): RequestError {
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  switch (status) {
    case 413:
      return new RequestError(413, 'The body is too large.');
    case 415:
      return new RequestError(415, 'The body must be application/json.');
    case 404:
      return new RequestError(404, 'The resource could not be found.');
    default:
      return typeof status === 'number' && status >= 400 && status < 500
        ? new RequestError(400, 'The request is malformed.')
        : new RequestError(500, 'Request Failed: internal server error while processing your request.');
  }
}
