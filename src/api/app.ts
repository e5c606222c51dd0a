// One listener's Fastify: parsing, hooks, errors, and all routes.

import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { fastify, LogController } from 'fastify';
import type { FastifyReply, FastifyRequest, FastifyServerFactoryHandler } from 'fastify';
import { clientOf } from './auth/client-address.ts';
import type { Guard } from './auth/guard.ts';
import { answerClientError } from './client-error.ts';
import type { Context } from './context.ts';
import { answerError } from './error-answer.ts';
import type { App } from './fastify.ts';
import { parseBody } from './json-body.ts';
import { RequestError } from './request-error.ts';
import { checkLocalHost, checkTarget, withoutPrefix } from './request-target.ts';
import { allRoutes } from './routes/all.ts';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface AppOptions {
  readonly context: Context;
  readonly guard: Guard;
  /** Whether requests must name loopback in their Host header. */
  readonly isForLocalNames: boolean;
  readonly createServer: (handler: FastifyServerFactoryHandler) => Server;
}

/** The server of one listener, not yet listening. */
export function createApp({ context, guard, isForLocalNames, createServer }: AppOptions): App {
  const { limits, logger } = context;
  const app = fastify({
    serverFactory: createServer,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => `req-${randomUUID()}`,
    bodyLimit: limits.bodyBytes,
    // A longer one is the id of nothing; a tag has at most 60 characters, of up to 12 bytes when escaped.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024, querystringParser: () => ({}) },
    rewriteUrl: ({ url = '/' }) => withoutPrefix(url),
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) => {
      addHeaders(request, reply);
      answerError(new RequestError(400, 'The request target is malformed.'), request, reply);
    },
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseBody(Buffer.from(body), limits.bodyDepth));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });

  app.decorateRequest('client', '');
  app.addHook('onRequest', (request, reply, done) => {
    addHeaders(request, reply);
    checkTarget(request);
    if (isForLocalNames) checkLocalHost(request);
    // So that the log knows of refused ones at least where they came from.
    request.client = clientOf(request.socket.remoteAddress);
    request.client = guard.admit(request);
    done();
  });
  // Whoever is told that something has changed may rely on it, whatever happens to this host.
  app.addHook('onSend', async ({ method }, reply) => {
    if (!READING.has(method) && reply.statusCode < 400) await context.networking.saved();
  });
  app.addHook('onResponse', (request, reply, done) => {
    count(context, request, reply);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    answerError(error, request, reply);
  });
  app.setNotFoundHandler(({ method, url }) => {
    // Of paths that are known, these are the methods that Fastify does not: TRACE, and those of WebDAV.
    if (!app.supportedMethods.includes(method)) throw new RequestError(405, `The method ${method} is not allowed.`);
    throw new RequestError(404, `The resource ${url.split('?', 1)[0]} could not be found.`);
  });

  allRoutes(app, context);
  return app;
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'X-Openstack-Request-Id': request.id,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
}

/** One line in the log and one observation a request. Reading is not worth a line where nobody looks for it. */
function count({ counters }: Context, request: FastifyRequest, reply: FastifyReply): void {
  const { method, client, routeOptions } = request;
  const labels = { method, route: routeOptions.url ?? 'none', status: String(reply.statusCode) };
  counters.requests.inc(labels);
  if (routeOptions.config.isStream !== true) counters.durations.observe(labels, reply.elapsedTime / 1000);
  const level = method === 'GET' || method === 'HEAD' ? 'debug' : 'info';
  const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
  request.log[level]({ client, method, path: request.originalUrl, status: reply.statusCode, milliseconds }, 'request');
}
