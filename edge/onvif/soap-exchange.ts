import {
  OnvifNotSupportedError,
  OnvifRedirectedError,
  OnvifRefusedError,
  OnvifReplyInvalidError,
  printable,
} from './errors.ts';
import { type HttpReply, post } from './http-exchange.ts';

/** The digest of `onvif`: one Authorization value for the best of the challenges it understands. */
export type DigestAnswer = (challenges: string[], request: { method: string; path: string }) => string;

export interface SoapExchangeOptions {
  readonly url: URL;
  readonly action: string;
  /** Made anew for each sending: a WS-Security nonce serves once, also when the first try is met by an HTTP challenge. */
  readonly envelope: () => string;
  readonly answerDigest: DigestAnswer | undefined;
  readonly maxReplyBytes: number;
  readonly caPem: string | undefined;
}

export interface SoapReply {
  readonly status: number;
  readonly xml: string;
}

/** SOAP 1.2 as the ONVIF Core Specification asks for, and 1.1, which some devices answer in all the same. */
const ENVELOPE_NAMESPACES = ['http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/'];

/** Fault subcodes of the ONVIF Core Specification §5.11.2 and of WS-Security §12 for "you may not". */
const REFUSALS =
  /[:>](NotAuthorized|OperationProhibited|FailedAuthentication|FailedCheck|InvalidSecurity|MessageExpired)\s*</;
const UNSUPPORTED = /[:>](ActionNotSupported|NoSuchService|OptionalActionNotImplemented)\s*</;

/** A first challenge and one more for a nonce that went stale; a device that asks a third time refuses us. */
const MAX_CHALLENGES = 2;

/** How far the envelope's start tag may be from the beginning: XML declaration, comments and namespaces. */
const HEAD_CHARS = 8192;

function requireEnvelope(reply: HttpReply): void {
  const head = reply.text.slice(0, HEAD_CHARS);
  const start = /<(?:[\w.-]+:)?Envelope\b[^>]*>/.exec(head);
  if (start === null) {
    throw new OnvifReplyInvalidError(`The reply is no SOAP message (HTTP ${reply.status}).`);
  }
  if (!ENVELOPE_NAMESPACES.some((namespace) => start[0].includes(namespace))) {
    throw new OnvifReplyInvalidError('The reply is an envelope, but not one of SOAP (wrong namespace).');
  }
  // SOAP 1.2 Part 1 §5: a message must not contain a document type declaration.
  if (head.includes('<!DOCTYPE')) throw new OnvifReplyInvalidError('The reply carries a document type declaration.');
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

function authorizationFor(options: SoapExchangeOptions, challenges: readonly string[]): string {
  const digests = challenges.filter((challenge) => /^digest\s/i.test(challenge)).map(simplifyQop);
  if (options.answerDigest === undefined) {
    throw new OnvifRefusedError('The device wants a user name and a password.');
  }
  if (digests.length === 0) {
    throw new OnvifRefusedError('The device wants neither WS-Security nor HTTP digest, the two ways that ONVIF has.');
  }
  const path = `${options.url.pathname}${options.url.search}`;
  try {
    return options.answerDigest(digests, { method: 'POST', path });
  } catch (cause) {
    throw new OnvifReplyInvalidError("The device's digest challenge cannot be read.", { cause });
  }
}

function requireUsable(reply: HttpReply, url: URL): void {
  if (reply.status >= 300 && reply.status < 400) {
    throw new OnvifRedirectedError(`${url.host} redirects to ${printable(reply.location ?? 'nowhere')}.`);
  }
  if (REFUSALS.test(reply.text)) throw new OnvifRefusedError(`${url.host} does not accept the credentials.`);
  if (reply.status === 403) throw new OnvifRefusedError(`${url.host} forbids the request.`);
  if (UNSUPPORTED.test(reply.text)) throw new OnvifNotSupportedError(`${url.host} does not know the request.`);
  if (reply.status === 404) throw new OnvifReplyInvalidError(`There is nothing at ${url.pathname} on ${url.host}.`);
  requireEnvelope(reply);
}

/**
 * Sends one request and reads its reply: answers HTTP digest challenges, follows no redirect, and lets through only a
 * SOAP envelope of bounded size. Other faults pass: `onvif` reads them.
 */
export async function exchangeSoap(options: SoapExchangeOptions): Promise<SoapReply> {
  const { url, action, maxReplyBytes, caPem } = options;
  let authorization: string | undefined;
  for (let challenged = 0; ; challenged += 1) {
    const body = options.envelope();
    const reply = await post({
      url,
      headers: {
        'content-type': `application/soap+xml; charset=utf-8; action="${action}"`,
        'content-length': String(Buffer.byteLength(body)),
        ...(authorization === undefined ? {} : { authorization }),
      },
      body,
      maxReplyBytes,
      caPem,
    });
    if (reply.status !== 401) {
      requireUsable(reply, url);
      return { status: reply.status, xml: reply.text };
    }
    if (challenged >= MAX_CHALLENGES || (challenged > 0 && !isStale(reply.challenges))) {
      throw new OnvifRefusedError(`${url.host} does not accept the credentials.`);
    }
    authorization = authorizationFor(options, reply.challenges);
  }
}
