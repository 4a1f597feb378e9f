import { XMLParser } from 'fast-xml-parser';
import { GateError, printable } from './gate-error.ts';
import type { HttpReply } from './http-post.ts';
import { children, descend, textOf, type XmlNode } from './xml-node.ts';

/** ONVIF messages nest some fifteen deep. */
const MAX_DEPTH = 32;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  // Values stay as they were sent: token "1" is not the number 1.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

const ENVELOPE_NAMESPACES = ['http://www.w3.org/2003/05/soap-envelope', 'http://schemas.xmlsoap.org/soap/envelope/'];

/** How far the envelope's start tag may be from the beginning. */
const HEAD_CHARS = 4096;
const TAIL_CHARS = 256;

function parseEnvelope(reply: HttpReply): XmlNode {
  const head = reply.text.slice(0, HEAD_CHARS);
  const start = /<(?:[\w.-]+:)?Envelope\b[^>]*>/.exec(head);
  if (start === null || !ENVELOPE_NAMESPACES.some((namespace) => start[0].includes(namespace))) {
    throw new GateError('GATE_REPLY_INVALID', `The reply is no SOAP message (HTTP ${reply.status}).`);
  }
  // SOAP 1.2 Part 1 §5: a message must not contain a document type declaration.
  if (reply.text.includes('<!DOCTYPE')) {
    throw new GateError('GATE_REPLY_INVALID', 'The reply carries a document type declaration.');
  }
  // The parser closes what is left open, and a reply whose end is marked by the end of its connection may be half a one.
  if (!/<\/(?:[\w.-]+:)?Envelope\s*>\s*$/.test(reply.text.slice(-TAIL_CHARS))) {
    throw new GateError('GATE_REPLY_INVALID', 'The reply is cut short.');
  }
  try {
    return parser.parse(reply.text);
  } catch (cause) {
    throw new GateError('GATE_REPLY_INVALID', 'The reply is not well-formed XML.', { cause });
  }
}

/** Subcodes of the ONVIF Core Specification §5.11.2 and WS-Security §12. */
const REFUSALS = ['NotAuthorized', 'OperationProhibited', 'FailedAuthentication', 'FailedCheck', 'InvalidSecurity'];
const UNSUPPORTED = ['ActionNotSupported', 'NoSuchService', 'OptionalActionNotImplemented'];

function faultError(fault: XmlNode): GateError {
  const subcodes: string[] = [];
  for (let code = descend(fault, 'Code'); code !== undefined; code = descend(code, 'Subcode')) {
    const value = textOf(descend(code, 'Value'));
    if (value !== undefined) subcodes.push(value.replace(/^.*:/, ''));
  }
  // SOAP 1.1 has one flat code.
  const flat = textOf(descend(fault, 'faultcode'));
  if (flat !== undefined) subcodes.push(flat.replace(/^.*:/, ''));
  const reason = textOf(descend(fault, 'Reason', 'Text')) ?? textOf(descend(fault, 'faultstring')) ?? 'no reason given';
  const isAny = (names: readonly string[]) => subcodes.some((subcode) => names.includes(subcode));
  const code = isAny(REFUSALS) ? 'GATE_REFUSED' : isAny(UNSUPPORTED) ? 'GATE_NOT_SUPPORTED' : 'GATE_FAULT';
  return new GateError(code, `The controller says: ${printable(reason)} (${printable(subcodes.join(', '))}).`);
}

/**
 * The SOAP body of a reply.
 *
 * @throws GateError GATE_REFUSED, GATE_NOT_SUPPORTED or GATE_FAULT for a fault, GATE_REDIRECTED, GATE_REPLY_INVALID
 */
export function soapBodyFrom(reply: HttpReply): XmlNode {
  if (reply.status >= 300 && reply.status < 400) {
    throw new GateError('GATE_REDIRECTED', `The controller redirects to ${printable(reply.location ?? 'nowhere')}.`);
  }
  if (reply.status === 403) throw new GateError('GATE_REFUSED', 'The controller forbids the request.');
  const body = descend(parseEnvelope(reply), 'Envelope', 'Body');
  if (body === undefined) throw new GateError('GATE_REPLY_INVALID', 'The reply has no SOAP body.');
  const [fault] = children(body, 'Fault');
  if (fault !== undefined) throw faultError(fault);
  if (reply.status >= 400)
    throw new GateError('GATE_REPLY_INVALID', `The controller answers with HTTP ${reply.status}.`);
  return body;
}
