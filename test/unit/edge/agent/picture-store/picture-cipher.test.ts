import { randomBytes } from 'node:crypto';
import { createPictureCipher } from '@dipper/edge/agent/picture-store/picture-cipher';
import { expect, test } from 'vitest';

const identity = { ref: '5f2c0e3a-5a0e-4a57-9b0a-3f6f3b1f7c11', device: 'gate-face', capturedAtMs: 1_800_000_000_000 };
const picture = Buffer.concat([Buffer.of(0xff, 0xd8, 0xff), randomBytes(2000)]);
const cipher = createPictureCipher(Buffer.alloc(32, 7));

test('opens what it sealed, and seals the same picture differently each time', () => {
  const one = cipher.seal(picture, identity);
  const two = cipher.seal(picture, identity);
  expect(cipher.open(one.sealed, one.wrappedKey, identity)).toEqual(picture);
  expect(one.sealed.equals(two.sealed)).toBe(false);
  expect(() => cipher.open(one.sealed, two.wrappedKey, identity)).toThrow();
});

test('does not open with another identity, another master key, or one bit changed anywhere', () => {
  const { sealed, wrappedKey } = cipher.seal(picture, identity);
  for (const other of [
    { ...identity, ref: 'other' },
    { ...identity, device: 'x' },
    { ...identity, capturedAtMs: 1 },
  ]) {
    expect(() => cipher.open(sealed, wrappedKey, other)).toThrow();
  }
  expect(() => createPictureCipher(Buffer.alloc(32, 8)).open(sealed, wrappedKey, identity)).toThrow();
  for (const position of [0, 1, 13, 500, sealed.length - 1]) {
    const altered = Buffer.from(sealed);
    altered[position] = (altered[position] ?? 0) ^ 1;
    expect(() => cipher.open(altered, wrappedKey, identity), `byte ${position}`).toThrow();
  }
  expect(() => cipher.open(sealed.subarray(0, 20), wrappedKey, identity)).toThrow();
});
