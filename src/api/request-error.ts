// What the HTTP room itself refuses a request for, and how every refusal looks on the wire.

/** The names that Neutron (through webob.exc) gives to refusals which come before any resource is looked at. */
const TYPES = {
  400: 'HTTPBadRequest',
  404: 'HTTPNotFound',
  405: 'HTTPMethodNotAllowed',
  408: 'HTTPRequestTimeout',
  413: 'HTTPRequestEntityTooLarge',
  415: 'HTTPUnsupportedMediaType',
  429: 'HTTPTooManyRequests',
  431: 'HTTPRequestHeaderFieldsTooLarge',
  500: 'HTTPInternalServerError',
  503: 'HTTPServiceUnavailable',
} as const;

export type RefusalStatus = keyof typeof TYPES;

/** A request that is refused before the store is asked. The message goes to the client. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: RefusalStatus | 401 | 403;
  /** Headers of the answer beside the usual ones: `Allow`, `Retry-After`, `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: RequestError['status'], message: string, headers: RequestError['headers'] = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  /** The body as Neutron writes it or, for what Keystone's middleware would refuse, as Keystone does. */
  get body(): unknown {
    switch (this.status) {
      case 401:
        return keystoneError(401, 'Unauthorized', this.message);
      case 403:
        return keystoneError(403, 'Forbidden', this.message);
      default:
        return neutronError(TYPES[this.status], this.message);
    }
  }
}

/** `neutron/api/api_common.py`, `convert_exception_to_http_exc`. */
export function neutronError(type: string, message: string): unknown {
  return { NeutronError: { type, message, detail: '' } };
}

function keystoneError(code: number, title: string, message: string): unknown {
  return { error: { code, title, message } };
}
