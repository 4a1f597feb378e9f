import { beforeEach, expect, test } from 'vitest';
import { passwordDigest, TokenGuard } from '../../../../../services/simulator/onvif/username-token.ts';

const credentials = { username: 'operator', password: 'p%40:/?#' };
const nowMs = Date.UTC(2026, 0, 1);
let guard: TokenGuard;

beforeEach(() => {
  guard = new TokenGuard({ credentials: () => credentials, deviceNowMs: () => nowMs });
});

function header(createdMs: number, { nonce = 'bm9uY2U=', password = credentials.password } = {}) {
  const Created = new Date(createdMs).toISOString();
  const Password = { '#text': passwordDigest(nonce, Created, password), '@Type': 'PasswordDigest' };
  return { Security: { UsernameToken: { Username: 'operator', Password, Nonce: { '#text': nonce }, Created } } };
}

test('computes the digest as openssl does', () => {
  // Base64(SHA-1("nonce" + "2026-01-01T00:00:00Z" + "secret")), from openssl.
  expect(passwordDigest('bm9uY2U=', '2026-01-01T00:00:00Z', 'secret')).toBe('pnjj9YytzZmPCimFk6SD59iS/Q4=');
});

test('accepts times within five seconds of the device clock, and no others', () => {
  expect(guard.verify(header(nowMs + 5_000, { nonce: 'YQ==' }))).toBe('ok');
  expect(guard.verify(header(nowMs - 5_000, { nonce: 'Yg==' }))).toBe('ok');
  expect(guard.verify(header(nowMs + 5_001, { nonce: 'Yw==' }))).toBe('refused');
  expect(guard.verify(header(nowMs - 5_001, { nonce: 'ZA==' }))).toBe('refused');
});

test('refuses a token seen before and a wrong password, and says when there is none', () => {
  expect(guard.verify(header(nowMs))).toBe('ok');
  expect(guard.verify(header(nowMs))).toBe('refused');
  expect(guard.verify(header(nowMs, { nonce: 'ZQ==', password: 'p@:/?#' }))).toBe('refused');
  expect(guard.verify({ Action: 'x' })).toBe('none');
});
