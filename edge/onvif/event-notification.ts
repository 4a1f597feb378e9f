import { child, children, type SoapNode, textOf } from './soap-node.ts';

/** One ONVIF event (Core Specification §9.4). What stands in it is the device's own; nothing is longer than `MAX_CHARS`. */
export interface EventNotification {
  /** Without prefixes, e.g. `RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string;
  /** As the device wrote it, e.g. `tns1:RuleEngine/CellMotionDetector/Motion`. */
  readonly rawTopic: string;
  /** `Initialized`: the present state told to a new subscriber. `Changed`, or nothing at all: news. */
  readonly operation: 'Initialized' | 'Changed' | 'Deleted' | undefined;
  /** By the device's clock, milliseconds since 1970. */
  readonly toldAtMs: number | undefined;
  readonly source: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
  /** Neither source nor data: seen where a device means "over" (quirk `empty-is-false`). */
  readonly isEmpty: boolean;
}

const MAX_TOPIC_CHARS = 256;
const MAX_NAME_CHARS = 64;
const MAX_CHARS = 256;
const MAX_ITEMS = 16;

function attributesOf(node: SoapNode): Record<string, unknown> {
  const attributes = child(node, '$');
  return attributes !== null && typeof attributes === 'object' ? (attributes as Record<string, unknown>) : {};
}

/** Simple items only: elements may hold pictures and shapes of people, which nobody here asks for. */
function simpleItems(parent: SoapNode): Record<string, string> {
  const items = children(parent, 'simpleItem').flatMap((item): [string, string][] => {
    const { Name: name, Value: value } = attributesOf(item);
    if (typeof name !== 'string' || typeof value !== 'string' || name === '') return [];
    return [[name.slice(0, MAX_NAME_CHARS), value.slice(0, MAX_CHARS)]];
  });
  return Object.fromEntries(items.slice(0, MAX_ITEMS));
}

function operationOf(value: unknown): EventNotification['operation'] {
  return value === 'Initialized' || value === 'Changed' || value === 'Deleted' ? value : undefined;
}

/** The notifications in a PullMessagesResponse, in the order in which they came; what has no topic is left out. */
export function notificationsFrom(response: SoapNode): EventNotification[] {
  return children(response, 'notificationMessage').flatMap((entry): EventNotification[] => {
    const rawTopic = textOf(child(entry, 'topic'))?.slice(0, MAX_TOPIC_CHARS);
    if (rawTopic === undefined) return [];
    const message = child(child(entry, 'message'), 'message');
    const source = simpleItems(child(message, 'source'));
    const data = simpleItems(child(message, 'data'));
    const { UtcTime: utcTime, PropertyOperation: operation } = attributesOf(message);
    const toldAtMs = typeof utcTime === 'string' ? Date.parse(utcTime) : Number.NaN;
    return [
      {
        topic: rawTopic.replace(/(^|\/)[\w.-]{1,64}:/g, '$1').replace(/\/+$/, ''),
        ...{ rawTopic, source, data },
        operation: operationOf(operation),
        toldAtMs: Number.isFinite(toldAtMs) ? toldAtMs : undefined,
        isEmpty: Object.keys(source).length === 0 && Object.keys(data).length === 0,
      },
    ];
  });
}
