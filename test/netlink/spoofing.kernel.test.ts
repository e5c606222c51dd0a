// Netlink carries messages between processes too. Ours hears none of them.

import { expect, test } from 'vitest';
import { NETLINK, openNetlinkDescriptor } from '../../src/netlink/socket.ts';
import { Descriptor } from '../../src/sys/descriptor.ts';
import { call } from '../../src/sys/libc.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCKADDR_NL_BYTES = 12;
const MSG_DONTWAIT = 0x40;

test.each([NETLINK.ROUTE, NETLINK.NETFILTER])(
  'another process cannot answer for the kernel (protocol %i)',
  (protocol) => {
    using victim = openNetlinkDescriptor(protocol);
    const address = Buffer.alloc(SOCKADDR_NL_BYTES);
    call('getsockname', victim.number, address, Buffer.from([SOCKADDR_NL_BYTES, 0, 0, 0]));
    expect(address.readUInt32LE(4)).not.toBe(0);
    using spoofer = new Descriptor(call('socket', AF_NETLINK, SOCK_RAW, protocol));
    const forged = Buffer.alloc(16);
    forged.writeUInt32LE(16);
    const send = () => call('sendto', spoofer.number, forged, forged.length, 0, address, SOCKADDR_NL_BYTES);
    expect(send).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
    expect(() => call('recv', victim.number, forged, forged.length, MSG_DONTWAIT)).toThrow(
      expect.objectContaining({ code: 'EAGAIN' }),
    );
  },
);
