// The configuration of the agent, once: what is read, its types, and (by `configJsonSchema`) what editors complete.

import { z } from 'zod';
import { addressField, linkNameField } from '../intent/fields.ts';
import { INSTANCE_NAME } from '../host/mark.ts';

const path = z
  .string()
  .min(2)
  .max(255)
  .regex(/^\/[^\0]*$/, 'is not a path from the root, such as /etc/buoy/tokens');
/** As useradd(8) takes it, or a number. */
const account = z
  .string()
  .regex(/^([a-z_][a-z0-9_-]{0,31}|0|[1-9]\d{0,8})$/, 'is not the name or number of an account');
const port = z.int().min(1).max(65_535);

const tls = z
  .strictObject({
    certificate: path.describe('File with the certificate and those that lead to its authority, in PEM.'),
    key: path.describe("File with the certificate's private key, in PEM. The listening process reads it, as `user`."),
  })
  .describe('Certificate for clients to know the agent by.');

const tcpListener = z
  .strictObject({
    address: addressField.describe('Address to listen on; `0.0.0.0` or `::` for all.'),
    port: port.describe('Port to listen on. That of OpenStack Networking is 9696.'),
    tls: tls.optional().describe('Certificate for clients to know the agent by. Needed unless `insecure_loopback`.'),
    tokens: path.optional().describe('File with the tokens that clients may show. Needed unless `insecure_loopback`.'),
    insecure_loopback: z
      .literal(true)
      .optional()
      .describe(
        'Neither TLS nor tokens: whoever can connect on this machine may do everything. Only on a loopback address.',
      ),
  })
  .superRefine((listener, context) => {
    const isLoopback = listener.insecure_loopback === true;
    for (const key of ['tls', 'tokens'] as const) {
      if (isLoopback === (listener[key] === undefined)) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'is there beside insecure_loopback, which is without it',
        params: { remedy: 'Leave one of the two out.' },
      });
    }
    if (isLoopback && !isLoopbackAddress(listener.address))
      context.addIssue({
        code: 'custom',
        path: ['address'],
        message: 'is not a loopback address, so insecure_loopback does not go with it',
        params: { remedy: 'Listen on 127.0.0.1 or ::1, or give `tls` and `tokens` in place of `insecure_loopback`.' },
      });
  })
  .describe('A TCP port on which the API is offered.');

/** 127.0.0.0/8 and ::1. */
function isLoopbackAddress(address: z.output<typeof addressField>): boolean {
  return typeof address === 'number' ? address >>> 24 === 127 : address === 1n;
}

const unixListener = z
  .strictObject({
    path: path.optional().describe('Path of the socket. Default: /run/buoy/buoy.sock.'),
    group: account
      .optional()
      .describe('Group whose members may use the socket, beside root and `user`. Default: that of `group`.'),
  })
  .describe('The unix socket on which the API is offered.');

const listen = z
  .strictObject({
    unix: unixListener.optional().describe('The unix socket on which the API is offered.'),
    tcp: z.array(tcpListener).max(16).optional().describe('TCP ports on which the API is offered. Default: none.'),
  })
  .describe('Where the API is offered.');

const plug = z.union([
  z.strictObject({ bridge: linkNameField.describe('Linux bridge of this host.') }),
  z.strictObject({ macvlan: linkNameField.describe('NIC of this host, for macvlan devices in bridge mode.') }),
]);

const log = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).optional().describe('What is told. Default: info.'),
    format: z.enum(['json', 'text']).optional().describe('One JSON object a line, or text for people. Default: json.'),
  })
  .describe('What is told on standard error, where the journal of systemd takes it from.');

export const configSchema = z
  .strictObject({
    instance: z
      .string()
      .regex(INSTANCE_NAME, 'is not 1 to 32 letters, digits, `-`, `_` or `.`')
      .optional()
      .describe('Which Buoy this is; each owns only what it made itself. Default: default.'),
    host: z.string().min(1).max(255).optional().describe("This host's name in the API. Default: its hostname."),
    store: path.optional().describe('File with the intent: an SQLite database. Default: /var/lib/buoy/buoy.db.'),
    netns_directory: path.optional().describe('Where network namespaces have their names. Default: /run/netns.'),
    user: account
      .optional()
      .describe(
        'Account of the listening process, by name or number. Default: that of the agent, without its capabilities.',
      ),
    group: account.optional().describe("Group of the listening process. Default: the user's own."),
    listen: listen.optional().describe('Where the API is offered.'),
    physical_networks: z
      .record(z.string().min(1).max(255), plug)
      .optional()
      .describe('How this host reaches the networks outside of it: under their names, `bridge` or `macvlan`.'),
    allowed_devices: z
      .array(linkNameField)
      .max(1000)
      .optional()
      .describe(
        'Devices that ports may be plugged into, beside those of `physical_networks`; the privileged process refuses others. Default: any.',
      ),
    audit_interval: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe(
        'Seconds between two comparisons of all of the kernel with the intent, for what the kernel tells nobody of. Default: 600.',
      ),
    log: log.optional().describe('What is told on standard error.'),
    audit_log: path.optional().describe('File that gets a line of JSON for each change of the kernel. Default: none.'),
  })
  .meta({
    title: 'Buoy agent configuration',
    description: 'How `buoy agent` runs on a host.',
  });

export type ConfigFile = z.output<typeof configSchema>;

/** The configuration as JSON Schema (draft 2020-12), for editors: the contents of `schema/agent.schema.json`. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { target: 'draft-2020-12', io: 'input' });
}
