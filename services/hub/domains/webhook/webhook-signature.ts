import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks 1.0.0, «Signature scheme»: keys of 24 to 64 bytes, written as base64 behind this prefix. */
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A new secret, e.g. `whsec_C2FV…`. */
export function createWebhookSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** What is signed, and when, beside the body. */
export interface SignedMessage {
  /** The same for every attempt to deliver one message. */
  readonly id: string;
  /** Of this attempt: receivers refuse what is minutes old. */
  readonly at: Date;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, one signature per secret, separated by a
 * space, so that a receiver knows the message with the old secret and with the new one.
 *
 * @param secrets as `createWebhookSecret` makes them, the present one first
 */
export function signatureHeaders(message: SignedMessage, secrets: readonly string[]): Record<string, string> {
  const timestamp = String(Math.floor(message.at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${message.id}.${timestamp}.${message.body}`).digest('base64')}`;
  });
  return { 'webhook-id': message.id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/**
 * The address of a DingTalk robot whose security is set to 加签 (open.dingtalk.com, 自定义机器人安全设置): `timestamp` in
 * milliseconds, `sign` the base64 of HMAC-SHA256 over `timestamp + "\n" + secret` with the secret as its key. DingTalk
 * refuses what is more than an hour off.
 */
export function signedDingTalkUrl(url: URL, secret: string, at: Date): URL {
  const timestamp = String(at.getTime());
  const signed = new URL(url);
  signed.searchParams.set('timestamp', timestamp);
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'));
  return signed;
}
