import { createHash } from 'node:crypto';
import { usernameTokenHeader } from '@dipper/edge/onvif/username-token';
import { expect, test } from 'vitest';

function read(header: string) {
  const text = (name: string) => new RegExp(`<${name}[^>]*>([^<]*)</${name}>`).exec(header)?.[1] ?? '';
  return { username: text('Username'), digest: text('Password'), nonce: text('Nonce'), created: text('Created') };
}

test('the digest is that of the Username Token Profile, over UTF-8 and with the time given', () => {
  const token = read(usernameTokenHeader('值班<1>', '密码%40:/?#', Date.UTC(2030, 0, 2, 3, 4, 5, 678)));
  expect(token.username).toBe('值班&lt;1&gt;');
  expect(token.created).toBe('2030-01-02T03:04:05.678Z');
  const expected = createHash('sha1')
    .update(Buffer.from(token.nonce, 'base64'))
    .update(`${token.created}密码%40:/?#`)
    .digest('base64');
  expect(token.digest).toBe(expected);
});

test('no nonce is used twice', () => {
  const nonces = Array.from({ length: 50 }, () => read(usernameTokenHeader('u', 'p', 0)).nonce);
  expect(new Set(nonces).size).toBe(50);
});
