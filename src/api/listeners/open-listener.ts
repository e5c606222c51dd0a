import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:tls';
import { BuoyError } from '../../errors.ts';
import { createApp } from '../app.ts';
import { openGuard, rateGuard, tokenGuard } from '../auth/guard.ts';
import { readTokenFile } from '../auth/token-file.ts';
import type { Context } from '../context.ts';
import type { App } from '../fastify.ts';
import type { Listener, TcpListener, UnixListener } from '../options.ts';
import { readCertificate } from './certificate.ts';
import { createServer } from './server.ts';
import { checkPolicy } from './tcp-policy.ts';
import { placeSocket } from './unix-socket.ts';

export interface OpenListener {
  /** The path of a socket, or the URL of a port. */
  readonly address: string;
  /** Reads its files; what it answers puts them in force. Throws a BuoyError for wrong ones. */
  prepareReload(): Promise<() => void>;
  close(): Promise<void>;
}

/** Throws a BuoyError: for what the listener is refused for, or what the system refuses. */
export function openListener(listener: Listener, context: Context): Promise<OpenListener> {
  return listener.kind === 'unix' ? openUnix(listener, context) : openTcp(listener, context);
}

async function openUnix(listener: UnixListener, context: Context): Promise<OpenListener> {
  const app = createApp({
    context,
    guard: openGuard,
    isForLocalNames: false,
    createServer: (handler) => counted(createServer(handler, context.limits, undefined), listener.path, context),
  });
  const remove = await placeSocket(listener, (path) =>
    app.listen({ path, listenTextResolver: () => `API listens on ${listener.path}` }),
  );
  return {
    address: listener.path,
    prepareReload: async () => () => undefined,
    async close() {
      await remove();
      await closeApp(app, context);
    },
  };
}

async function openTcp(listener: TcpListener, context: Context): Promise<OpenListener> {
  checkPolicy(listener);
  const { host, port, tls, tokenFile } = listener;
  const { limits } = context;
  const certificate = tls === undefined ? undefined : await readCertificate(tls);
  let tokens = tokenFile === undefined ? [] : await readTokenFile(tokenFile);
  const app = createApp({
    context,
    guard: tokenFile === undefined ? rateGuard(limits) : tokenGuard(() => tokens, limits),
    isForLocalNames: tokenFile === undefined,
    createServer: (handler) => counted(createServer(handler, limits, certificate), `${host} ${port}`, context),
  });
  try {
    await app.listen({ host, port, listenTextResolver: (url) => `API listens on ${url}` });
  } catch (error) {
    await app.close();
    const message = error instanceof Error ? error.message : String(error);
    throw new BuoyError('BUOY_API_ADDRESS', `${host} port ${port} cannot be listened on: ${message}`, { cause: error });
  }
  return {
    address: urlOf(app, listener),
    async prepareReload() {
      const newTokens = tokenFile === undefined ? [] : await readTokenFile(tokenFile);
      const newCertificate = tls === undefined ? undefined : await readCertificate(tls);
      return () => {
        tokens = newTokens;
        if (newCertificate !== undefined && app.server instanceof TlsServer)
          app.server.setSecureContext(newCertificate);
      };
    },
    close: () => closeApp(app, context),
  };
}

function counted(server: Server, listener: string, { counters }: Context): Server {
  server.on('drop', () => counters.refusedConnections.inc({ listener }));
  return server;
}

function urlOf({ server }: App, { host, tls }: TcpListener): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Requests under way finish; those that do not in time are cut off. */
async function closeApp(app: App, { limits }: Context): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), limits.stopTimeout);
  await app.close();
  clearTimeout(timer);
}
