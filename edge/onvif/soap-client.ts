import { OnvifAbortedError, OnvifTimeoutError } from './errors.ts';
import { type Credentials, digestOf } from './http-challenge.ts';
import type { ReferenceParameters } from './reference-parameters.ts';
import { soapBodyFrom } from './soap-document.ts';
import { exchangeSoap } from './soap-exchange.ts';
import type { SoapNode } from './soap-node.ts';
import { escapeXml, usernameTokenHeader } from './username-token.ts';

export interface SoapClientOptions {
  readonly credentials: Credentials | undefined;
  /** The device's own time, for the credentials' date. */
  readonly deviceNowMs: () => number;
  readonly maxReplyBytes: number;
  readonly caPem: string | undefined;
}

export interface SoapCall {
  readonly url: URL;
  readonly body: string;
  /** `namespace/Operation`; given where WS-Addressing headers are due: to events and subscriptions. */
  readonly action?: string;
  /** What a subscription wants to be addressed with. */
  readonly reference?: ReferenceParameters;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Sent without credentials: the time, which is needed to make them. */
  readonly isAnonymous?: boolean;
}

/** Sends one request. `text` is the whole reply, for what a parser loses. @throws OnvifError, at the latest after `timeoutMs` */
export type SoapClient = (call: SoapCall) => Promise<{ readonly body: SoapNode; readonly text: string }>;

function envelope(call: SoapCall, security: string): string {
  const { action, reference, url } = call;
  const addressing =
    action === undefined ? '' : `<wsa:Action>${escapeXml(action)}</wsa:Action><wsa:To>${escapeXml(url.href)}</wsa:To>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://www.w3.org/2005/08/addressing">' +
    `<s:Header${reference?.namespaces ?? ''}>${security}${addressing}${reference?.headers ?? ''}</s:Header>` +
    `<s:Body>${call.body}</s:Body></s:Envelope>`
  );
}

/**
 * A client for what is asked again and again (clock, events): no thread of its own, a parser that no small reply keeps busy,
 * a deadline for each exchange. What is asked once and answered at length goes through `createOnvifDevice`.
 */
export function createSoapClient(options: SoapClientOptions): SoapClient {
  const { credentials, deviceNowMs, maxReplyBytes, caPem } = options;
  const answerDigest = credentials === undefined ? undefined : digestOf(credentials);
  return async (call) => {
    const { url, signal, timeoutMs, isAnonymous = false } = call;
    const deadline = AbortSignal.timeout(timeoutMs);
    const security = (): string =>
      credentials === undefined || isAnonymous
        ? ''
        : usernameTokenHeader(credentials.username, credentials.password, deviceNowMs());
    try {
      const { xml } = await exchangeSoap({
        ...{ url, action: call.action ?? '', answerDigest, maxReplyBytes, caPem },
        envelope: () => envelope(call, security()),
        signal: AbortSignal.any([signal, deadline]),
      });
      return { body: soapBodyFrom(xml), text: xml };
    } catch (error) {
      if (signal.aborted) throw new OnvifAbortedError('The conversation has been ended.', { cause: error });
      if (!deadline.aborted) throw error;
      throw new OnvifTimeoutError(`${url.host} did not finish its answer within ${timeoutMs} ms.`, { cause: error });
    }
  };
}
