import { beforeEach, describe, expect, test } from 'vitest';
import { DigestGuard, digestResponse, parseDigestHeader } from '../../../../../services/simulator/auth/digest.ts';

const credentials = { username: 'operator', password: 'p%40:/?#' };

describe('DigestGuard', () => {
  let nowMs = 0;
  let guard: DigestGuard;

  beforeEach(() => {
    nowMs = 0;
    guard = new DigestGuard({
      realm: 'r',
      credentials: () => credentials,
      qop: 'auth',
      nowMs: () => nowMs,
      nonceLifetimeMs: 1_000,
    });
  });

  function authorization(nonce: string, nc: string, password = credentials.password): string {
    const input = {
      ...credentials,
      password,
      realm: 'r',
      nonce,
      method: 'POST',
      uri: '/x',
      qop: 'auth',
      nc,
      cnonce: 'c',
    };
    return `Digest username="operator", realm="r", nonce="${nonce}", uri="/x", qop=auth, nc=${nc}, cnonce="c", response="${digestResponse(input)}"`;
  }

  const freshNonce = () => parseDigestHeader(guard.challenge())?.['nonce'] ?? '';
  const verify = (header: string | undefined) => guard.verify(header, 'POST', (uri) => uri === '/x');

  test('computes the example of RFC 2617, 3.5', () => {
    expect(
      digestResponse({
        ...{
          username: 'Mufasa',
          password: 'Circle Of Life',
          realm: 'testrealm@host.com',
          method: 'GET',
          uri: '/dir/index.html',
        },
        ...{ nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093', qop: 'auth', nc: '00000001', cnonce: '0a4f113b' },
      }),
    ).toBe('6629fae49393a05397450978507c4ef1');
  });

  test('accepts the right password and refuses another, none, and another target', () => {
    expect(verify(authorization(freshNonce(), '00000001'))).toBe('ok');
    expect(verify(authorization(freshNonce(), '00000001', 'p@:/?#'))).toBe('refused');
    expect(verify(undefined)).toBe('refused');
    expect(guard.verify(authorization(freshNonce(), '00000001'), 'POST', () => false)).toBe('refused');
  });

  test('calls a nonce stale when it has expired, was never given out, or its count repeats', () => {
    const nonce = freshNonce();
    expect(verify(authorization(nonce, '00000001'))).toBe('ok');
    expect(verify(authorization(nonce, '00000001'))).toBe('stale');
    expect(verify(authorization(nonce, '00000002'))).toBe('ok');
    nowMs = 1_001;
    expect(verify(authorization(nonce, '00000003'))).toBe('stale');
    expect(verify(authorization('made-up', '00000001'))).toBe('stale');
    expect(guard.challenge('stale')).toContain('stale=true');
  });
});
