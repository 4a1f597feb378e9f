import { randomUUID } from 'node:crypto';
import { child, escapeXml, parseXml, text, type XmlNode } from './xml.ts';

/** One SOAP 1.2 request, taken apart. */
export interface SoapRequest {
  /** Local name of the body's element, e.g. `GetProfiles`. */
  readonly operation: string;
  readonly body: XmlNode;
  readonly header: XmlNode;
  readonly messageId: string | undefined;
}

/** @returns undefined if this is no SOAP request */
export function parseSoapRequest(message: string): SoapRequest | undefined {
  const envelope = child(parseXml(message), 'Envelope');
  const body = child(envelope, 'Body');
  if (body === undefined || typeof body === 'string') return undefined;
  const operation = Object.keys(body).find((name) => !name.startsWith('@') && name !== '#text');
  if (operation === undefined) return undefined;
  const header = child(envelope, 'Header');
  return { operation, body: child(body, operation), header, messageId: text(header, 'MessageID') };
}

const NAMESPACES = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  wsa: 'http://www.w3.org/2005/08/addressing',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  wstop: 'http://docs.oasis-open.org/wsn/t-1',
  xs: 'http://www.w3.org/2001/XMLSchema',
  tt: 'http://www.onvif.org/ver10/schema',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  tmd: 'http://www.onvif.org/ver10/deviceIO/wsdl',
  tptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  tdc: 'http://www.onvif.org/ver10/doorcontrol/wsdl',
  tac: 'http://www.onvif.org/ver10/accesscontrol/wsdl',
  pt: 'http://www.onvif.org/ver10/pacs',
  tns1: 'http://www.onvif.org/ver10/topics',
  ter: 'http://www.onvif.org/ver10/error',
} as const;

const DECLARATIONS = Object.entries(NAMESPACES)
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

export interface EnvelopeOptions {
  /** WS-Addressing action of the reply, where the operation has one (events). */
  readonly action?: string | undefined;
  readonly relatesTo?: string | undefined;
}

export function encodeEnvelope(body: string, { action, relatesTo }: EnvelopeOptions = {}): string {
  const addressing =
    action === undefined
      ? ''
      : `<wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID><wsa:Action>${escapeXml(action)}</wsa:Action>${
          relatesTo === undefined ? '' : `<wsa:RelatesTo>${escapeXml(relatesTo)}</wsa:RelatesTo>`
        }`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope ${DECLARATIONS}><s:Header>${addressing}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

export interface SoapFaultOptions {
  /** ONVIF's codes below SOAP's, outermost first, e.g. `['ter:InvalidArgVal', 'ter:NoProfile']` (ONVIF Core, 5.8.2). */
  readonly subcodes: readonly string[];
  readonly reason: string;
  readonly blame?: 'Sender' | 'Receiver';
}

/** A refusal in ONVIF's words (ONVIF Core, 5.8.2.1 and 5.8.2.2). HTTP status 400 for the sender's mistakes, 500 for ours (SOAP 1.2 part 2, table 20). */
export class SoapFault extends Error {
  readonly subcodes: readonly string[];
  readonly blame: 'Sender' | 'Receiver';

  constructor({ subcodes, reason, blame = 'Sender' }: SoapFaultOptions) {
    super(reason);
    this.name = 'SoapFault';
    this.subcodes = subcodes;
    this.blame = blame;
  }

  get httpStatus(): number {
    return this.blame === 'Sender' ? 400 : 500;
  }

  toXml(): string {
    const subcode = this.subcodes.reduceRight(
      (inner, code) => `<s:Subcode><s:Value>${escapeXml(code)}</s:Value>${inner}</s:Subcode>`,
      '',
    );
    return `<s:Fault><s:Code><s:Value>s:${this.blame}</s:Value>${subcode}</s:Code><s:Reason><s:Text xml:lang="en">${escapeXml(this.message)}</s:Text></s:Reason></s:Fault>`;
  }
}

export const notAuthorized = () => new SoapFault({ subcodes: ['ter:NotAuthorized'], reason: 'Sender not authorized' });

export const actionNotSupported = (operation: string) =>
  new SoapFault({
    subcodes: ['ter:ActionNotSupported'],
    reason: `Optional action not implemented: ${operation}`,
    blame: 'Receiver',
  });

export const invalidArgument = (detail: string, reason: string) =>
  new SoapFault({ subcodes: ['ter:InvalidArgVal', detail], reason });
