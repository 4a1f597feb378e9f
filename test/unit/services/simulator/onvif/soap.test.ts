import { describe, expect, test } from 'vitest';
import { durationMs, terminationInMs } from '../../../../../services/simulator/onvif/iso-duration.ts';
import { invalidArgument, parseSoapRequest } from '../../../../../services/simulator/onvif/soap.ts';
import { escapeXml, text } from '../../../../../services/simulator/onvif/xml.ts';

describe('parseSoapRequest', () => {
  test('finds the operation whatever the prefixes, and keeps numbers as they are written', () => {
    const request = parseSoapRequest(
      '<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope"><a:Body><b:GetProfile xmlns:b="x"><b:ProfileToken k="v">1.10</b:ProfileToken></b:GetProfile></a:Body></a:Envelope>',
    );
    expect(request?.operation).toBe('GetProfile');
    expect(text(request?.body, 'ProfileToken')).toBe('1.10');
  });

  test.each(['', 'hello', '<a/>', '<Envelope><Body/></Envelope>', '<Envelope><Body><X></Body></Envelope>'])(
    'refuses %j',
    (message) => {
      expect(parseSoapRequest(message)).toBeUndefined();
    },
  );

  test('refuses document types, where entity bombs live', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bb">]><Envelope><Body><X>&b;</X></Body></Envelope>';
    expect(parseSoapRequest(bomb)).toBeUndefined();
  });
});

test('a fault nests its subcodes and escapes its reason', () => {
  expect(invalidArgument('ter:NoProfile', 'no <such>').toXml()).toBe(
    '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:InvalidArgVal</s:Value><s:Subcode><s:Value>ter:NoProfile</s:Value></s:Subcode></s:Subcode></s:Code>' +
      `<s:Reason><s:Text xml:lang="en">no ${escapeXml('<')}such${escapeXml('>')}</s:Text></s:Reason></s:Fault>`,
  );
});

test('durations and points in time', () => {
  expect([durationMs('PT1M0.5S'), durationMs('P1DT1H'), durationMs('P'), durationMs('soon')]).toEqual([
    60_500,
    90_000_000,
    undefined,
    undefined,
  ]);
  const nowMs = Date.UTC(2026, 0, 1);
  expect(terminationInMs('2026-01-01T00:01:00Z', nowMs)).toBe(60_000);
});
