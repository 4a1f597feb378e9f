import { XMLParser } from 'fast-xml-parser';
import { OnvifFaultError, OnvifReplyInvalidError, printable } from './errors.ts';
import { child, type SoapNode, textOf } from './soap-node.ts';

/** ONVIF messages nest some fifteen deep. */
const MAX_DEPTH = 32;
const TAIL_CHARS = 256;

const PREDEFINED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** XML 1.0 §4.6 and §4.1: the five names and the numbers. Whatever a document type could define stays as it was written. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return PREDEFINED[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
      ? String.fromCodePoint(point)
      : whole;
  });
}

/** As `onvif` names elements, so that one set of readers serves both: `GetProfiles` → `getProfiles`, `UTCDateTime` stays. */
function nodeName(name: string): string {
  const second = name.charAt(1);
  return second !== '' && second.toUpperCase() !== second ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributesGroupName: '$',
  attributeNamePrefix: '',
  textNodeName: '_',
  removeNSPrefix: true,
  transformTagName: nodeName,
  // Values stay as they were sent: token "1.10" is not the number 1.1.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  tagValueProcessor: (_name, value) => decodeEntities(value),
  attributeValueProcessor: (_name, value) => decodeEntities(value),
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

/**
 * The body of a SOAP message, read by a parser whose time grows with the size of its input alone. `exchangeSoap` has seen
 * to size, namespace and document type before.
 *
 * @throws OnvifReplyInvalidError when it is cut short or no XML; OnvifFaultError with the device's own words
 */
export function soapBodyFrom(xml: string): SoapNode {
  // The parser closes what is left open, and a reply whose end is the end of its connection may be half a one.
  if (!/<\/(?:[\w.-]+:)?Envelope\s*>\s*(?:<!--[^<]*-->\s*)?$/.test(xml.slice(-TAIL_CHARS))) {
    throw new OnvifReplyInvalidError('The reply is cut short.');
  }
  let document: SoapNode;
  try {
    document = parser.parse(xml);
  } catch (cause) {
    throw new OnvifReplyInvalidError('The reply is not well-formed XML.', { cause });
  }
  const body = child(child(document, 'envelope'), 'body');
  if (body === undefined) throw new OnvifReplyInvalidError('The reply has no SOAP body.');
  const fault = child(body, 'fault');
  if (fault === undefined) return body;
  // SOAP 1.2 Part 1 §5.4, and the flat form of SOAP 1.1.
  const reason =
    textOf(child(child(fault, 'reason'), 'text')) ?? textOf(child(fault, 'faultstring')) ?? 'no reason given';
  throw new OnvifFaultError(`The device answers with a fault: ${printable(reason)}.`);
}
