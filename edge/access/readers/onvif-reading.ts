import type { ValueFactor } from '@dipper/contract/credential-hmac';
import type { AskedAccess } from '../driver.ts';
import type { Notification } from '../notification.ts';
import type { Reading } from './read-identity.ts';

/** Something that a controller's reader told. */
export interface OnvifReading {
  readonly reading: Reading;
  /** The controller's own name of the access point. */
  readonly token: string | undefined;
  /** As the controller called it. */
  readonly topic: string;
  /** The controller waits for an answer; undefined where it only tells. */
  readonly asked: AskedAccess | undefined;
}

/** `pt:RecognitionType` of the Credential Service (ONVIF, types of identifiers), as far as we know what to do with them. */
const FACTORS: Readonly<Record<string, ValueFactor>> = {
  Card: 'card',
  PIN: 'pin',
  LicensePlate: 'plate',
  QRCode: 'qr',
  Barcode: 'qr',
};
/** Formats whose bytes are a text; a card's other formats (WIEGAND26 …) are its number in hexadecimal. */
const TEXT_FORMATS = new Set(['SIMPLE_ALPHA_NUMERIC', 'USER_PASSWORD', 'ASCII']);
const HEX = /^([0-9A-Fa-f]{2}){1,1024}$/;

function textOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('utf8');
}

function identifierFrom({ data }: Notification): Reading | undefined {
  const factor = FACTORS[(data.get('IdentifierType') ?? '').replace(/^\w+:/, '')];
  const value = data.get('IdentifierValue') ?? '';
  if (factor === undefined || !HEX.test(value)) return undefined;
  const isText = factor !== 'card' || TEXT_FORMATS.has(data.get('FormatType') ?? '');
  return { factor, value: isText ? textOf(value) : value };
}

function cardFrom(value: string | undefined): Reading | undefined {
  return value === undefined || value.length > 256 ? undefined : { factor: 'card', value };
}

function readingFrom(notification: Notification): Reading | undefined {
  const { topic, data } = notification;
  switch (topic) {
    // Access Control Service, external authorisation: the controller asks whom it does not judge itself.
    case 'AccessControl/Request/Identifier':
      return identifierFrom(notification);
    case 'AccessControl/Request/Credential':
      return cardFrom(data.get('CredentialToken'));
    case 'AccessControl/Request/Anonymous':
      return { factor: 'button' };
    // A controller that judges by itself, has no such card, and tells.
    case 'AccessControl/Denied/CredentialNotFound/Card':
    case 'AccessControl/Denied/Credential/CredentialNotFound/Card':
      return cardFrom(data.get('Card'));
    default:
      return undefined;
  }
}

/** What a notification says somebody presented; undefined when it is about something else. */
export function onvifReadingFrom(notification: Notification): OnvifReading | undefined {
  // What a new subscription is told of the past opens nothing.
  if (notification.operation === 'Initialized' || notification.operation === 'Deleted') return undefined;
  const reading = readingFrom(notification);
  if (reading === undefined) return undefined;
  const token = notification.source.get('AccessPointToken');
  const isAsked = token !== undefined && notification.topic.startsWith('AccessControl/Request/');
  const asked = isAsked ? { accessPoint: token, credential: notification.data.get('CredentialToken') } : undefined;
  return { reading, token, topic: `tns1:${notification.topic}`, asked };
}
