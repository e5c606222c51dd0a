// What a kernel tells of connections, taken apart; and what it never tells, refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv4 } from '../../../src/model/address.ts';
import { MalformedReply, type ReceivedMessage } from '../../../src/netlink/attributes.ts';
import { decodeConnection, STATUS, type Tuple } from '../../../src/netlink/conntrack/connection.ts';
import { must } from '../../support/must.ts';
import { messagesIn } from '../scripted-socket.ts';
import { RECORDED_CONNECTIONS } from './recorded.ts';

const ends = ({ source, destination }: Tuple) => `${formatIpv4(source)} to ${formatIpv4(destination)}`;

test('ends, status and id', () => {
  const connections = messagesIn(RECORDED_CONNECTIONS).map((message) => decodeConnection(message));
  expect(connections.map(({ original, reply }) => [ends(original), ends(reply)])).toEqual([
    ['10.0.0.5 to 198.51.100.7', '198.51.100.7 to 203.0.113.5'],
    ['10.0.0.6 to 198.51.100.7', '198.51.100.7 to 10.0.0.6'],
    ['198.51.100.7 to 203.0.113.5', '10.0.0.5 to 198.51.100.7'],
  ]);
  expect(connections.map(({ status }) => status & (STATUS.SOURCE_NAT | STATUS.DESTINATION_NAT))).toEqual([
    STATUS.SOURCE_NAT,
    0,
    STATUS.DESTINATION_NAT,
  ]);
  expect(connections.map(({ id }) => id.toString(16))).toEqual(['6e832abb', '27c8c5bf', 'b66ebb9f']);
});

describe('malformed', () => {
  const [message] = messagesIn(RECORDED_CONNECTIONS);

  /** What it decodes to, or "malformed"; any other error fails the test. */
  function decoded(received: ReceivedMessage): unknown {
    try {
      const { original, reply, status, id } = decodeConnection(received);
      return [ends(original), ends(reply), original.bytes.toString('hex'), status, id];
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedReply);
      return 'malformed';
    }
  }

  test('whatever bytes are changed, they are read or refused', () => {
    const changes = fc.array(fc.tuple(fc.nat(163), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (changed) => {
        const buffer = Buffer.from(RECORDED_CONNECTIONS);
        for (const [offset, byte] of changed) buffer[offset] = byte;
        decoded({ ...must(message), buffer });
      }),
      { numRuns: 2000 },
    );
  });

  test('wherever the message is cut, nothing beyond is read', () => {
    const whole = must(message);
    for (let { end } = whole; end >= whole.start; end--) {
      const beyond = Buffer.from(RECORDED_CONNECTIONS).fill(0xff, end);
      const ofZeros = Buffer.from(RECORDED_CONNECTIONS).fill(0, end);
      expect(decoded({ ...whole, buffer: beyond, end })).toEqual(decoded({ ...whole, buffer: ofZeros, end }));
    }
  });
});
