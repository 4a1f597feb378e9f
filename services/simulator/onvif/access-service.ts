import type { Presented, Reader, ReaderOutcome } from '../door/reader.ts';
import { assertToken, DOOR_TOKEN } from './door-service.ts';
import type { EventSource, PropertyEvent } from './property-event.ts';
import { type OnvifService, SERVICE_PATHS } from './service.ts';
import { invalidArgument, SoapFault } from './soap.ts';
import { text } from './xml.ts';

export const ACCESS_POINT_TOKEN = 'access-point-1';
const AREAS = ['outside', 'inside'] as const;

/** `pt:RecognitionType` and the format of its bytes, as the ONVIF Credential Service has them. */
const IDENTIFIERS: Readonly<Record<Presented['factor'], readonly [type: string, format: string]>> = {
  card: ['pt:Card', 'SIMPLE_ALPHA_NUMERIC'],
  pin: ['pt:PIN', 'USER_PASSWORD'],
  qr: ['pt:QRCode', 'SIMPLE_ALPHA_NUMERIC'],
  plate: ['pt:LicensePlate', 'SIMPLE_ALPHA_NUMERIC'],
};

/**
 * The Access Control service (ONVIF Access Control Service Specification, 5): one access point before the door, for Profile
 * C. With a reader it asks for decisions (ExternalAuthorization).
 */
export function createAccessControlService(reader: Reader | undefined): OnvifService {
  const asks =
    reader === undefined
      ? ''
      : ` ExternalAuthorization="true" IdentifierAccess="true" SupportedRecognitionTypes="${Object.values(IDENTIFIERS)
          .map(([type]) => type)
          .join(' ')}"`;
  const accessPoint =
    `<tac:AccessPointInfo token="${ACCESS_POINT_TOKEN}"><tac:Name>Street entrance</tac:Name><tac:AreaFrom>${AREAS[0]}</tac:AreaFrom>` +
    `<tac:AreaTo>${AREAS[1]}</tac:AreaTo><tac:EntityType>tdc:Door</tac:EntityType><tac:Entity>${DOOR_TOKEN}</tac:Entity>` +
    `<tac:Capabilities DisableAccessPoint="false"${asks}/></tac:AccessPointInfo>`;
  const areas = AREAS.map((area) => `<tac:AreaInfo token="${area}"><tac:Name>${area}</tac:Name></tac:AreaInfo>`).join(
    '',
  );
  return {
    path: SERVICE_PATHS.accessControl,
    operations: {
      GetServiceCapabilities: () =>
        '<tac:GetServiceCapabilitiesResponse><tac:Capabilities MaxLimit="10" MaxAccessPoints="1" MaxAreas="2"/></tac:GetServiceCapabilitiesResponse>',
      GetAccessPointInfoList: () =>
        `<tac:GetAccessPointInfoListResponse>${accessPoint}</tac:GetAccessPointInfoListResponse>`,
      GetAccessPointInfo: (body) =>
        `<tac:GetAccessPointInfoResponse>${text(body, 'Token') === ACCESS_POINT_TOKEN ? accessPoint : ''}</tac:GetAccessPointInfoResponse>`,
      GetAccessPointState: (body) => {
        assertToken(body, ACCESS_POINT_TOKEN);
        return '<tac:GetAccessPointStateResponse><tac:AccessPointState><tac:Enabled>true</tac:Enabled></tac:AccessPointState></tac:GetAccessPointStateResponse>';
      },
      GetAreaInfoList: () => `<tac:GetAreaInfoListResponse>${areas}</tac:GetAreaInfoListResponse>`,
      GetAreaInfo: () => `<tac:GetAreaInfoResponse>${areas}</tac:GetAreaInfoResponse>`,
      ...(reader === undefined
        ? {}
        : {
            ExternalAuthorization: (body) => {
              assertToken(body, ACCESS_POINT_TOKEN, 'AccessPointToken');
              const decision = text(body, 'Decision');
              if (decision !== 'Granted' && decision !== 'Denied') {
                throw invalidArgument('ter:InvalidArgVal', 'The decision is Granted or Denied');
              }
              if (!reader.decide(decision === 'Granted')) {
                throw new SoapFault({
                  subcodes: ['ter:InvalidArgVal', 'ter:NotFound'],
                  reason: 'There is no request that waits for a decision',
                });
              }
              return '<tac:ExternalAuthorizationResponse/>';
            },
          }),
    },
  };
}

const item = (name: string, type: string) => `<tt:SimpleItemDescription Name="${name}" Type="${type}"/>`;
const IDENTIFIER_ITEMS =
  item('IdentifierType', 'xs:string') + item('FormatType', 'xs:string') + item('IdentifierValue', 'xs:hexBinary');
const describe = (name: string, data: string) =>
  `<${name} wstop:topic="true"><tt:MessageDescription IsProperty="false"><tt:Source>${item('AccessPointToken', 'pt:ReferenceToken')}</tt:Source>` +
  `<tt:Data>${data}</tt:Data></tt:MessageDescription></${name}>`;

/** What a reader tells (Access Control Service Specification, 6): what was presented, and what became of it. */
export function readerEvents(reader: Reader): EventSource {
  const told = (topic: string, data: PropertyEvent['data']): PropertyEvent => ({
    topic: `tns1:AccessControl/${topic}`,
    source: [{ name: 'AccessPointToken', value: ACCESS_POINT_TOKEN }],
    data,
    isStateless: true,
  });
  const identifier = ({ factor, value }: Presented) => {
    const [type, format] = IDENTIFIERS[factor];
    return [
      { name: 'IdentifierType', value: type },
      { name: 'FormatType', value: format },
      { name: 'IdentifierValue', value: Buffer.from(value, 'utf8').toString('hex').toUpperCase() },
    ];
  };
  const ended = (outcome: ReaderOutcome, presented: Presented): PropertyEvent => {
    if (outcome === 'timed-out') return told('Request/Timeout', []);
    if (outcome === 'granted') return told('AccessGranted/Identifier', identifier(presented));
    return told('Denied/Identifier', [...identifier(presented), { name: 'Reason', value: 'Other' }]);
  };
  return {
    topicSet:
      `<tns1:AccessControl><Request>${describe('Identifier', IDENTIFIER_ITEMS)}${describe('Timeout', '')}</Request>` +
      `<AccessGranted>${describe('Identifier', IDENTIFIER_ITEMS)}</AccessGranted>` +
      `<Denied>${describe('Identifier', IDENTIFIER_ITEMS + item('Reason', 'xs:string'))}</Denied></tns1:AccessControl>`,
    properties: () => [],
    onChange(listener) {
      const onRequested = (presented: Presented) => listener(told('Request/Identifier', identifier(presented)));
      const onEnded = (outcome: ReaderOutcome, presented: Presented) => listener(ended(outcome, presented));
      reader.events.on('requested', onRequested);
      reader.events.on('ended', onEnded);
      return () => {
        reader.events.off('requested', onRequested);
        reader.events.off('ended', onEnded);
      };
    },
  };
}
