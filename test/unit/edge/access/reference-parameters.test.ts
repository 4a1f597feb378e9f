import { referenceParametersFrom } from '@dipper/edge/access/reference-parameters';
import { expect, test } from 'vitest';
import { threadTimeMs } from '../../../support/thread-time.ts';

const subscription = (parameters: string) =>
  `<s:Envelope xmlns:s="urn:s" xmlns:w="http://www.w3.org/2005/08/addressing" xmlns:far="urn:far"><s:Body><SubscriptionReference><w:Address>http://192.0.2.1/onvif/services</w:Address>${parameters}</SubscriptionReference></s:Body></s:Envelope>`;

test('header blocks are taken as they are, with declarations that stand elsewhere', () => {
  const near = '<dom0:SubscriptionId xmlns:dom0="http://www.axis.com/2009/event">7</dom0:SubscriptionId>';
  expect(referenceParametersFrom(subscription(`<w:ReferenceParameters>${near}</w:ReferenceParameters>`))).toEqual({
    headers: near,
    namespaces: '',
  });
  expect(
    referenceParametersFrom(subscription('<w:ReferenceParameters a="b"> <far:Id>7</far:Id> </w:ReferenceParameters>')),
  ).toEqual({ headers: '<far:Id>7</far:Id>', namespaces: ' xmlns:far="urn:far"' });
});

test.each([
  ['none', ''],
  ['empty', '<w:ReferenceParameters/>'],
  ['without end', '<w:ReferenceParameters><far:Id>'],
  ['more than anybody needs', `<w:ReferenceParameters><far:Id>${'7'.repeat(5000)}</far:Id></w:ReferenceParameters>`],
])('%s', (_name, parameters) => {
  expect(referenceParametersFrom(subscription(parameters))).toEqual({ headers: '', namespaces: '' });
});

test('64 KB of beginnings without an end hold up no door', async () => {
  const text = '<w:ReferenceParameters '.repeat(2_800);
  expect(await threadTimeMs(() => referenceParametersFrom(text))).toBeLessThan(200);
});
