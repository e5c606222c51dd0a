// What this room adds to Fastify's own types.

import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** This route is for everybody who reaches the listener. */
    needsNoToken?: boolean;
    /** An answer that goes on for as long as the client likes: its duration tells nothing. */
    isStream?: boolean;
  }
  interface FastifyRequest {
    /** Who asks: the name of a token, an address, or `unix`. */
    client: string;
  }
}

/** One listener's server with its routes. */
export type App = FastifyInstance;
