import { answerDigest, isStale } from '@dipper/edge/access/http-digest';
import { expect, test } from 'vitest';

// The resource and the credentials of the examples in RFC 7616 §3.9.1 and RFC 2069 §2.4.
const mufasa = { method: 'GET', path: '/dir/index.html', username: 'Mufasa', password: 'Circle of Life' };

test('without qop the response is that of RFC 2069 (its errata 749 give the right digest)', () => {
  const challenge =
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const answer = answerDigest([challenge], { ...mufasa, password: 'CircleOfLife' });
  expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"');
  expect(answer).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
  expect(answer).not.toContain('qop');
});

test('SHA-256 is preferred, qop lists are understood, and what nobody understands is left', () => {
  const md5 = 'Digest realm="r", nonce="n", qop="auth-int, auth"';
  const sha = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256';
  expect(answerDigest([md5, sha], mufasa)).toMatch(/response="[0-9a-f]{64}", algorithm=SHA-256, qop=auth, nc=00000001/);
  expect(answerDigest([md5], mufasa)).toMatch(/response="[0-9a-f]{32}", qop=auth/);
  expect(answerDigest(['Basic realm="r"', 'Digest realm="r", nonce="n", qop="auth-int"'], mufasa)).toBeUndefined();
});

test('a user name with a quote stays inside its quotes', () => {
  const answer = answerDigest(['Digest realm="r", nonce="n"'], { ...mufasa, username: 'a"b\\' });
  expect(answer).toContain('username="a\\"b\\\\"');
});

test('stale is read with and without quotes', () => {
  expect(isStale(['Digest realm="r", stale=TRUE'])).toBe(true);
  expect(isStale(['Digest realm="r", stale="true"'])).toBe(true);
  expect(isStale(['Digest realm="stale", stale=false'])).toBe(false);
});
