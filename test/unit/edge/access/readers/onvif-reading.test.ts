import type { Notification } from '@dipper/edge/access/notification';
import { onvifReadingFrom } from '@dipper/edge/access/readers/onvif-reading';
import { describe, expect, test } from 'vitest';

function told(topic: string, data: Record<string, string>, operation?: string): Notification {
  return {
    ...{ topic: `AccessControl/${topic}`, operation },
    source: new Map([['AccessPointToken', 'door-1']]),
    data: new Map(Object.entries(data)),
  };
}
const identifier = (type: string, format: string, value: string) =>
  told('Request/Identifier', { IdentifierType: type, FormatType: format, IdentifierValue: value });
const hex = (text: string) => Buffer.from(text, 'utf8').toString('hex');

describe('what a controller tells of its reader', () => {
  test.each<[string, Notification, unknown]>([
    ['a card', identifier('pt:Card', 'WIEGAND26', '0a1B2c'), { factor: 'card', value: '0a1B2c' }],
    ['a card in text', identifier('pt:Card', 'SIMPLE_ALPHA_NUMERIC', hex('A-17')), { factor: 'card', value: 'A-17' }],
    ['a PIN', identifier('pt:PIN', 'USER_PASSWORD', hex('135790')), { factor: 'pin', value: '135790' }],
    ['a plate', identifier('pt:LicensePlate', 'x', hex('京A12345')), { factor: 'plate', value: '京A12345' }],
    ['a QR code', identifier('pt:QRCode', 'x', hex('a.b.c')), { factor: 'qr', value: 'a.b.c' }],
    [
      'a credential of its own',
      told('Request/Credential', { CredentialToken: 'C-7' }),
      { factor: 'card', value: 'C-7' },
    ],
    ['nobody', told('Request/Anonymous', {}), { factor: 'button' }],
    [
      'a card that it does not know',
      told('Denied/CredentialNotFound/Card', { Card: '99' }),
      { factor: 'card', value: '99' },
    ],
  ])('%s', (_name, notification, reading) => {
    const asks = notification.topic.startsWith('AccessControl/Request/');
    const asked = { accessPoint: 'door-1', credential: notification.data.get('CredentialToken') };
    expect(onvifReadingFrom(notification)).toEqual({
      ...{ reading, token: 'door-1', topic: `tns1:${notification.topic}` },
      asked: asks ? asked : undefined,
    });
  });

  test.each<[string, Notification]>([
    ['a finger, which is no way in', identifier('pt:Fingerprint', 'x', 'ff')],
    ['what is not hexadecimal', identifier('pt:Card', 'WIEGAND26', 'xyz')],
    ['half a byte', identifier('pt:Card', 'WIEGAND26', 'abc')],
    ['more than any reader reads', identifier('pt:Card', 'WIEGAND26', 'ab'.repeat(1_025))],
    ['its own decision', told('AccessGranted/Credential', { CredentialToken: 'C-7' })],
    ['what was, told to a new subscriber', told('Request/Credential', { CredentialToken: 'C-7' }, 'Initialized')],
    ['a credential without a name', told('Request/Credential', {})],
  ])('is not taken for a reading: %s', (_name, notification) => {
    expect(onvifReadingFrom(notification)).toBeUndefined();
  });
});
