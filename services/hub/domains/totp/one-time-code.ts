import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 §4.1 and what authenticators know: 30 seconds, SHA-1, six digits. */
const STEP_SEC = 30;
const DIGITS = 6;
/** A clock may be this many steps off (RFC 6238 §5.2). */
const DRIFT_STEPS = 1;
/** RFC 4226 §4, R6: 160 bits. */
const SECRET_BYTES = 20;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function generateSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** Ten bytes as four groups of four letters. */
export function generateRecoveryCode(): string {
  return (base32(randomBytes(10)).match(/.{4}/g) ?? []).join('-');
}

/** RFC 4648 §6 in lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** The code of a step (RFC 4226 §5.3). */
export function codeOf(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  const number = (digest.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, '0');
}

/** The step that a code belongs to, now or one step off; undefined when it is wrong. */
export function stepOf(secret: Buffer, code: string, nowMs: number): number | undefined {
  const current = Math.floor(nowMs / 1000 / STEP_SEC);
  const given = Buffer.from(code);
  for (let step = current - DRIFT_STEPS; step <= current + DRIFT_STEPS; step += 1) {
    const expected = Buffer.from(codeOf(secret, step));
    if (expected.length === given.length && timingSafeEqual(expected, given)) return step;
  }
  return undefined;
}

/** What authenticators read from the QR code (Google's key URI format). */
export function otpauthUri(account: string, secret: Buffer): string {
  const label = `Dipper:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret).toUpperCase()}&issuer=Dipper&digits=${DIGITS}&period=${STEP_SEC}`;
}
