import { soapBodyFrom } from '@dipper/edge/access/soap-reply';
import { expect, test } from 'vitest';
import { craftedNamespaces, craftedNesting, envelope, fault } from '../../../support/hostile-soap-server.ts';
import { threadTimeMs } from '../../../support/thread-time.ts';

const read = (text: string, status = 200) =>
  soapBodyFrom({ status, challenges: [], location: 'http://192.0.2.1/', text });
const codeOf = (text: string, status = 200) => {
  try {
    read(text, status);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each([
  ['an HTML page', '<!DOCTYPE html><html><body>no</body></html>', 500, 'GATE_REPLY_INVALID'],
  ['another namespace', envelope('<a/>', 'urn:example'), 200, 'GATE_REPLY_INVALID'],
  [
    'a document type',
    envelope('<a/>').replace('<s:Env', '<!DOCTYPE a [<!ENTITY b "c">]><s:Env'),
    200,
    'GATE_REPLY_INVALID',
  ],
  ['cut short in a tag', envelope('<a></a>').slice(0, -20), 200, 'GATE_REPLY_INVALID'],
  ['cut short between tags', envelope('<a></a>').replace('</s:Body></s:Envelope>', ''), 200, 'GATE_REPLY_INVALID'],
  ['nested without end', craftedNesting(60_000), 200, 'GATE_REPLY_INVALID'],
  ['a redirect', '', 302, 'GATE_REDIRECTED'],
  ['forbidden', '', 403, 'GATE_REFUSED'],
  ['not authorised', fault('NotAuthorized', 'no'), 400, 'GATE_REFUSED'],
  ['not there', fault('ActionNotSupported', 'no'), 400, 'GATE_NOT_SUPPORTED'],
  ['another fault', fault('InvalidArgVal', 'no'), 500, 'GATE_FAULT'],
  [
    'a fault of SOAP 1.1',
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>ter:NotAuthorized</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>',
    500,
    'GATE_REFUSED',
  ],
])('%s', (_name, text, status, code) => {
  expect(codeOf(text, status)).toBe(code);
});

test('the largest reply allowed, filled with the worst we know, holds up no door', async () => {
  const size = 64 * 1024;
  const crafted = [
    craftedNamespaces(size),
    craftedNesting(size),
    envelope('<a/>'.repeat(size / 4)),
    envelope('x<a/>'.repeat(size / 5)),
    envelope(`<a ${Array.from({ length: size / 8 }, (_, i) => `b${i}="" `).join('')}/>`),
    envelope('&amp;'.repeat(size / 5)),
  ];
  for (const text of crafted) {
    expect(await threadTimeMs(() => codeOf(text))).toBeLessThan(400);
  }
});

test('names that would reach into JavaScript objects do not', () => {
  expect(codeOf(envelope('<__proto__><polluted>1</polluted></__proto__>'))).toBe('GATE_REPLY_INVALID');
  expect(codeOf(envelope('<constructor><prototype>1</prototype></constructor>'))).toBe('GATE_REPLY_INVALID');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
