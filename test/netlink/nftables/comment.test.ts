import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeTableComment, encodeTableComment } from '../../../src/netlink/nftables/comment.ts';

test('is written as nft(8) writes it', () => {
  expect(encodeTableComment('host1').toString('latin1')).toBe('\u0000\u0006host1\u0000');
});

test('comes back, up to what the kernel stores', () => {
  const comment = fc.string({ maxLength: 60, unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(comment, (text) => {
      expect(decodeTableComment(encodeTableComment(text))).toBe(text);
    }),
  );
  const longest = 'x'.repeat(253);
  expect(decodeTableComment(encodeTableComment(longest))).toBe(longest);
  expect(() => encodeTableComment(`${longest}x`)).toThrow(RangeError);
});

test('is found behind other data', () => {
  expect(decodeTableComment(Buffer.concat([Buffer.from([7, 1, 9]), encodeTableComment('host1')]))).toBe('host1');
});

test('is none in what another program stored', () => {
  for (const bytes of [[], [0], [0, 0], [0, 5, 0x68], [0, 2, 0x68, 0x69], [1, 2, 0x68, 0]]) {
    expect(decodeTableComment(Buffer.from(bytes))).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect((decodeTableComment(Buffer.from(bytes)) ?? '').length).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
