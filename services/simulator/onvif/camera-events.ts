import { type Static, Type } from 'typebox';
import type { EventSource, PropertyEvent } from './property-event.ts';

const strict = { additionalProperties: false } as const;
const Active = Type.Object({ active: Type.Boolean() }, strict);
const Text = Type.String({ minLength: 1, maxLength: 64 });

/**
 * What a camera can be made to tell, by name, with the options each takes (`POST /devices/{id}/events/{name}`).
 *
 * | event | options | topic |
 * |---|---|---|
 * | `motion` | `active` | tns1:RuleEngine/CellMotionDetector/Motion |
 * | `tamper` | `active` | tns1:RuleEngine/TamperDetector/Tamper |
 * | `scene-change` | `active` | tns1:VideoSource/GlobalSceneChange/ImagingService |
 * | `line-crossed` | `object` | tns1:RuleEngine/LineDetector/Crossed, which has no state |
 * | `count` | `count` | tns1:RuleEngine/CountAggregation/Counter |
 * | `input`, `relay` | `active` | tns1:Device/Trigger/DigitalInput and /Relay |
 * | `door` | `state` (Open, Closed, Unknown, Fault) | tns1:Door/State/DoorPhysicalState |
 * | `other` | `topic`, `value` | whatever it is |
 */
export const CAMERA_EVENT_OPTIONS = {
  motion: Active,
  tamper: Active,
  'scene-change': Active,
  'line-crossed': Type.Object({ object: Type.Integer({ minimum: 0 }) }, strict),
  count: Type.Object({ count: Type.Integer({ minimum: 0 }) }, strict),
  input: Active,
  relay: Active,
  door: Type.Object({ state: Type.Enum(['Open', 'Closed', 'Unknown', 'Fault']) }, strict),
  other: Type.Object({ topic: Type.String({ minLength: 1, maxLength: 200 }), value: Text }, strict),
} as const;

export type CameraEventName = keyof typeof CAMERA_EVENT_OPTIONS;
export type CameraEvent = {
  [N in CameraEventName]: { readonly name: N } & Static<(typeof CAMERA_EVENT_OPTIONS)[N]>;
}[CameraEventName];

export const CAMERA_EVENT_NAMES = Object.keys(CAMERA_EVENT_OPTIONS) as CameraEventName[];

export function isCameraEventName(name: string): name is CameraEventName {
  return Object.hasOwn(CAMERA_EVENT_OPTIONS, name);
}

const rule = (name: string) => [
  { name: 'VideoSourceConfigurationToken', value: 'video-source-config' },
  { name: 'VideoAnalyticsConfigurationToken', value: 'analytics-config' },
  { name: 'Rule', value: name },
];

function propertyFrom(event: CameraEvent): PropertyEvent {
  switch (event.name) {
    case 'motion':
      return {
        topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
        source: rule('motion'),
        ...state('IsMotion', event.active),
      };
    case 'tamper':
      return {
        topic: 'tns1:RuleEngine/TamperDetector/Tamper',
        source: rule('tamper'),
        ...state('IsTamper', event.active),
      };
    case 'scene-change':
      return {
        topic: 'tns1:VideoSource/GlobalSceneChange/ImagingService',
        source: [{ name: 'Source', value: 'video-source' }],
        ...state('State', event.active),
      };
    case 'line-crossed':
      return {
        topic: 'tns1:RuleEngine/LineDetector/Crossed',
        source: rule('gate line'),
        data: { name: 'ObjectId', value: String(event.object) },
        isStateless: true,
      };
    case 'count':
      return {
        topic: 'tns1:RuleEngine/CountAggregation/Counter',
        source: rule('people in'),
        data: { name: 'Count', value: String(event.count) },
      };
    case 'input':
      return {
        topic: 'tns1:Device/Trigger/DigitalInput',
        source: [{ name: 'InputToken', value: 'input-1' }],
        ...state('LogicalState', event.active),
      };
    case 'relay':
      return {
        topic: 'tns1:Device/Trigger/Relay',
        source: [{ name: 'RelayToken', value: 'relay-1' }],
        data: { name: 'LogicalState', value: event.active ? 'active' : 'inactive' },
        isClear: !event.active,
      };
    case 'door':
      return {
        topic: 'tns1:Door/State/DoorPhysicalState',
        source: [{ name: 'DoorToken', value: 'door-1' }],
        data: { name: 'State', value: event.state },
        isClear: event.state === 'Closed',
      };
    case 'other':
      return { topic: event.topic, source: [], data: { name: 'Value', value: event.value }, isStateless: true };
  }
}

function state(name: string, active: boolean) {
  return { data: { name, value: String(active) }, isClear: !active };
}

const property = (name: string, source: string, data: string, type: string) =>
  `<${name} wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source><tt:SimpleItemDescription Name="${source}" Type="tt:ReferenceToken"/></tt:Source>` +
  `<tt:Data><tt:SimpleItemDescription Name="${data}" Type="${type}"/></tt:Data></tt:MessageDescription></${name}>`;

const TOPIC_SET =
  `<tns1:RuleEngine><CellMotionDetector>${property('Motion', 'VideoSourceConfigurationToken', 'IsMotion', 'xs:boolean')}</CellMotionDetector>` +
  `<TamperDetector>${property('Tamper', 'VideoSourceConfigurationToken', 'IsTamper', 'xs:boolean')}</TamperDetector>` +
  `<LineDetector>${property('Crossed', 'VideoSourceConfigurationToken', 'ObjectId', 'xs:integer')}</LineDetector>` +
  `<CountAggregation>${property('Counter', 'VideoSourceConfigurationToken', 'Count', 'xs:int')}</CountAggregation></tns1:RuleEngine>` +
  `<tns1:VideoSource><GlobalSceneChange>${property('ImagingService', 'Source', 'State', 'xs:boolean')}</GlobalSceneChange></tns1:VideoSource>` +
  `<tns1:Device><Trigger>${property('DigitalInput', 'InputToken', 'LogicalState', 'xs:boolean')}</Trigger></tns1:Device>`;

/** What a camera tells: nothing moves, nobody tampers, until somebody says so. */
export class CameraEvents implements EventSource {
  readonly topicSet = TOPIC_SET;
  readonly #properties = new Map<string, PropertyEvent>();
  readonly #listeners = new Set<(event: PropertyEvent) => void>();

  constructor() {
    for (const name of ['motion', 'tamper', 'scene-change', 'input'] as const) this.tell({ name, active: false });
  }

  tell(event: CameraEvent): void {
    const told = propertyFrom(event);
    if (told.isStateless !== true) this.#properties.set(told.topic, told);
    for (const listener of this.#listeners) listener(told);
  }

  properties(): readonly PropertyEvent[] {
    return [...this.#properties.values()];
  }

  onChange(listener: (event: PropertyEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
