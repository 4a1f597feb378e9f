import {
  OnvifNotSupportedError,
  OnvifRedirectedError,
  OnvifRefusedError,
  OnvifReplyInvalidError,
  printable,
} from './errors.ts';
import { answerChallenge, type DigestAnswer } from './http-challenge.ts';
import { exchange, type HttpReply } from './http-exchange.ts';

export interface SoapExchangeOptions {
  readonly url: URL;
  readonly action: string;
  /** Made anew for each sending: a WS-Security nonce serves once, also when the first try is met by an HTTP challenge. */
  readonly envelope: () => string;
  readonly answerDigest: DigestAnswer | undefined;
  readonly maxReplyBytes: number;
  readonly caPem: string | undefined;
  /** Ends the exchange; it then rejects with whatever that interrupted. */
  readonly signal?: AbortSignal;
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

/** How far the envelope's start tag may be from the beginning: XML declaration, comments and namespaces. */
const HEAD_CHARS = 8192;

type TextReply = Omit<HttpReply, 'bytes'> & { readonly text: string };

function requireEnvelope(reply: TextReply): void {
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

function requireUsable(reply: TextReply, url: URL): void {
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
  const { url, action, maxReplyBytes, caPem, signal } = options;
  let authorization: string | undefined;
  for (let challenged = 0; ; challenged += 1) {
    const body = options.envelope();
    const reply = await exchange({
      method: 'POST',
      url,
      headers: {
        'content-type': `application/soap+xml; charset=utf-8${action === '' ? '' : `; action="${action}"`}`,
        'content-length': String(Buffer.byteLength(body)),
        ...(authorization === undefined ? {} : { authorization }),
      },
      body,
      maxReplyBytes,
      caPem,
      signal,
    });
    if (reply.status !== 401) {
      const text = reply.bytes.toString('utf8');
      requireUsable({ ...reply, text }, url);
      return { status: reply.status, xml: text };
    }
    authorization = answerChallenge({ method: 'POST', url, answerDigest: options.answerDigest, challenged }, reply);
  }
}
