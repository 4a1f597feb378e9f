import type { EventNotification } from '../../onvif/event-notification.ts';

/** What a notification says, in our words. */
export type Meaning =
  /** Something that lasts: it began, or is over. */
  | { readonly kind: 'motion' | 'tamper'; readonly isActive: boolean }
  | { readonly kind: 'input' | 'relay'; readonly connector: string; readonly isActive: boolean }
  | { readonly kind: 'door'; readonly door: string; readonly position: 'open' | 'closed' | 'unknown' }
  | { readonly kind: 'lock'; readonly door: string; readonly isLocked: boolean | undefined }
  | { readonly kind: 'count'; readonly rule: string | undefined; readonly count: number }
  | { readonly kind: 'line'; readonly rule: string | undefined; readonly object: string | undefined }
  /** About people: who they are is not asked of a camera, and not taken when it is told. */
  | { readonly kind: 'personal' }
  /** A topic nobody has described. */
  | { readonly kind: 'unknown' }
  /** A topic that is known, and a value that is not. */
  | { readonly kind: 'malformed' };

type Read = (notification: EventNotification) => Meaning;

const MALFORMED: Meaning = { kind: 'malformed' };

function booleanFrom(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(true|1|active|on)$/i.test(value.trim())) return true;
  return /^(false|0|inactive|off)$/i.test(value.trim()) ? false : undefined;
}

/** A notification without any message is what some devices send for "over" (quirk `empty-is-false`); what is deleted lasts no more. */
function flag(item: string, { data, isEmpty, operation }: EventNotification): boolean | undefined {
  return isEmpty || operation === 'Deleted' ? false : booleanFrom(data[item] ?? data['State']);
}

const lasting =
  (kind: 'motion' | 'tamper', item: string): Read =>
  (notification) => {
    const isActive = flag(item, notification);
    return isActive === undefined ? MALFORMED : { kind, isActive };
  };

const connector =
  (kind: 'input' | 'relay', token: string): Read =>
  ({ source, data }) => {
    const isActive = booleanFrom(data['LogicalState'] ?? data['State']);
    const name = source[token] ?? source['Token'];
    return isActive === undefined || name === undefined ? MALFORMED : { kind, connector: name, isActive };
  };

const DOOR_POSITIONS: Readonly<Record<string, 'open' | 'closed' | 'unknown'>> = {
  Open: 'open',
  Closed: 'closed',
  Unknown: 'unknown',
  Fault: 'unknown',
};

/**
 * The topics that are understood: names and items of the ONVIF Core Specification §9.9, Imaging §5.5, Analytics Annex A and
 * Door Control §5.9; `VideoSource/MotionAlarm` is the older name for motion. Whatever stands below a `*` has the same items.
 */
const TOPICS: Readonly<Record<string, Read>> = {
  'RuleEngine/CellMotionDetector/Motion': lasting('motion', 'IsMotion'),
  'RuleEngine/MotionRegionDetector/Motion': lasting('motion', 'State'),
  'VideoSource/MotionAlarm': lasting('motion', 'State'),
  'RuleEngine/TamperDetector/Tamper': lasting('tamper', 'IsTamper'),
  'VideoSource/GlobalSceneChange/*': lasting('tamper', 'State'),
  'Device/Trigger/DigitalInput': connector('input', 'InputToken'),
  'Device/Trigger/Relay': connector('relay', 'RelayToken'),
  'Door/State/DoorPhysicalState': ({ source, data }) => {
    const position = DOOR_POSITIONS[data['State'] ?? ''];
    const door = source['DoorToken'];
    return position === undefined || door === undefined ? MALFORMED : { kind: 'door', door, position };
  },
  'Door/State/LockPhysicalState': ({ source, data }) => {
    const { State: state = '' } = data;
    const door = source['DoorToken'];
    if (door === undefined || !/^(Locked|Unlocked|Unknown|Fault)$/.test(state)) return MALFORMED;
    return { kind: 'lock', door, isLocked: state === 'Locked' ? true : state === 'Unlocked' ? false : undefined };
  },
  'RuleEngine/CountAggregation/Counter': ({ source, data }) => {
    const count = Number(data['Count'] ?? Number.NaN);
    const isCount = Number.isSafeInteger(count) && count >= 0;
    return isCount ? { kind: 'count', rule: source['Rule'], count } : MALFORMED;
  },
  'RuleEngine/LineDetector/Crossed': ({ source, data }) => ({
    kind: 'line',
    rule: source['Rule'],
    object: data['ObjectId'],
  }),
};

/** Words of a path as makers write them, `MyFaceDetect` or `peopleCount`; an interface is none of them. */
const PERSONAL =
  /Face|Plate|Recogni|Human|Person|People|Credential|Gender|(?<![A-Za-z])(?:face|plate|recogni|human|person|people|credential|gender)/;

/** What a notification means. */
export function meaningOf(notification: EventNotification): Meaning {
  const { topic } = notification;
  const read = TOPICS[topic] ?? TOPICS[topic.replace(/\/[^/]*$/, '/*')];
  if (read !== undefined) return read(notification);
  return PERSONAL.test(topic) ? { kind: 'personal' } : { kind: 'unknown' };
}
