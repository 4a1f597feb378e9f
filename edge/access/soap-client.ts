import { GateError } from './gate-error.ts';
import { answerDigest, isStale } from './http-digest.ts';
import { post } from './http-post.ts';
import type { ReferenceParameters } from './reference-parameters.ts';
import { soapBodyFrom } from './soap-reply.ts';
import { escapeXml, usernameTokenHeader } from './username-token.ts';
import type { XmlNode } from './xml-node.ts';

/**
 * A parser that is fed the worst 64 KB we could think of needs 75 ms; doors wait no longer than that for a hostile
 * controller. Sixteen notifications, the most that we ask for at a time, take some 20 KB.
 */
const MAX_REPLY_BYTES = 64 * 1024;

/** A first challenge, and one more when its nonce had grown old on the way. */
const MAX_CHALLENGES = 2;

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface SoapRequest {
  readonly url: URL;
  /** The SOAP action, `namespace/Operation`. */
  readonly action: string;
  readonly body: string;
  /** What a subscription wants to be addressed with. */
  readonly reference?: ReferenceParameters;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Sent without credentials: the time, which is needed to make them. */
  readonly isAnonymous?: boolean;
}

export interface SoapClientOptions {
  readonly credentials: Credentials | undefined;
  /** The controller's own time, for the credentials' date. */
  readonly deviceNowMs: () => number;
}

export interface SoapReply {
  readonly body: XmlNode;
  /** The whole message, for what a parser loses. */
  readonly text: string;
}

/** Sends a request and gives the reply, which is no fault. @throws GateError */
export type SoapClient = (request: SoapRequest) => Promise<SoapReply>;

function envelope(request: SoapRequest, security: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing">' +
    `<s:Header${request.reference?.namespaces ?? ''}>${security}<wsa:Action>${escapeXml(request.action)}</wsa:Action>` +
    `<wsa:To>${escapeXml(request.url.href)}</wsa:To>${request.reference?.headers ?? ''}</s:Header>` +
    `<s:Body>${request.body}</s:Body></s:Envelope>`
  );
}

/**
 * The gate loop's own SOAP client, small because a door depends on it, and apart from that of `edge/onvif` on purpose: the
 * gate process shares no code with cameras, so that no change made for one of them reaches a door. WS-UsernameToken in
 * every request, HTTP digest when it is asked for, one deadline per exchange, replies bounded, no redirects, no entities,
 * no document types.
 */
export function createSoapClient(options: SoapClientOptions): SoapClient {
  const { credentials, deviceNowMs } = options;
  return async (request) => {
    const { url, action, timeoutMs, signal } = request;
    let authorization: string | undefined;
    for (let challenged = 0; ; challenged += 1) {
      const security =
        credentials === undefined || request.isAnonymous === true
          ? ''
          : usernameTokenHeader(credentials.username, credentials.password, deviceNowMs());
      const body = envelope(request, security);
      const reply = await post({
        url,
        headers: {
          'content-type': `application/soap+xml; charset=utf-8; action="${action}"`,
          'content-length': String(Buffer.byteLength(body)),
          ...(authorization === undefined ? {} : { authorization }),
        },
        body,
        maxReplyBytes: MAX_REPLY_BYTES,
        timeoutMs,
        signal,
      });
      if (reply.status !== 401) return { body: soapBodyFrom(reply), text: reply.text };
      const isHopeless = challenged >= MAX_CHALLENGES || (challenged > 0 && !isStale(reply.challenges));
      if (credentials === undefined || isHopeless) {
        throw new GateError('GATE_REFUSED', `${url.host} does not accept the credentials.`);
      }
      const path = `${url.pathname}${url.search}`;
      authorization = answerDigest(reply.challenges, { method: 'POST', path, ...credentials });
      if (authorization === undefined) {
        throw new GateError('GATE_REFUSED', `${url.host} wants a kind of authentication that ONVIF does not have.`);
      }
    }
  };
}
