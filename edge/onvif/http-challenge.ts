import { Cam } from 'onvif';
import { OnvifRefusedError, OnvifReplyInvalidError } from './errors.ts';
import type { HttpReply } from './http-exchange.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The digest of `onvif`: one Authorization value for the best of the challenges it understands. */
export type DigestAnswer = (challenges: string[], request: { method: string; path: string }) => string;

/** A first challenge and one more for a nonce that went stale; a device that asks a third time refuses us. */
const MAX_CHALLENGES = 2;

export function digestOf({ username, password }: Credentials): DigestAnswer {
  // Only its digest is used; the address is never asked.
  const cam = new Cam({ hostname: '127.0.0.1', username, password, autoconnect: false });
  const { digestAuth } = cam as unknown as { digestAuth: DigestAnswer };
  return (challenges, request) => digestAuth.call(cam, challenges, request);
}

function isStale(challenges: readonly string[]): boolean {
  return challenges.some((challenge) => /stale\s*=\s*"?true/i.test(challenge));
}

/** Devices write `qop="auth, auth-int"` and `qop="auth-int,auth"`; the digest code knows only the plain forms. */
function simplifyQop(challenge: string): string {
  return challenge.replace(/qop\s*=\s*"([^"]*)"/i, (whole, list: string) =>
    list.split(/\s*,\s*/).includes('auth') ? 'qop="auth"' : whole,
  );
}

export interface Challenged {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly answerDigest: DigestAnswer | undefined;
  /** How often this request has been challenged before. */
  readonly challenged: number;
}

/** The Authorization to try again with after a 401. @throws OnvifRefusedError, OnvifReplyInvalidError */
export function answerChallenge(
  { method, url, answerDigest, challenged }: Challenged,
  { challenges }: Pick<HttpReply, 'challenges'>,
): string {
  if (challenged >= MAX_CHALLENGES || (challenged > 0 && !isStale(challenges))) {
    throw new OnvifRefusedError(`${url.host} does not accept the credentials.`);
  }
  const digests = challenges.filter((challenge) => /^digest\s/i.test(challenge)).map(simplifyQop);
  if (answerDigest === undefined) {
    throw new OnvifRefusedError('The device wants a user name and a password.');
  }
  if (digests.length === 0) {
    throw new OnvifRefusedError('The device wants neither WS-Security nor HTTP digest, the two ways that ONVIF has.');
  }
  const path = `${url.pathname}${url.search}`;
  try {
    return answerDigest(digests, { method, path });
  } catch (cause) {
    throw new OnvifReplyInvalidError("The device's digest challenge cannot be read.", { cause });
  }
}
