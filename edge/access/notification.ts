import { attributeOf, children, descend, textOf, type XmlNode } from './xml-node.ts';

/** One ONVIF event (Core Specification §9.4), its names without prefixes. */
export interface Notification {
  /** e.g. `Device/Trigger/Relay` */
  readonly topic: string;
  /** `Initialized` for the present state told to a new subscriber, `Changed` for news. */
  readonly operation: string | undefined;
  /** When it happened by the controller's clock, milliseconds since 1970, if it says so: good for differences alone. */
  readonly utcMs?: number;
  readonly source: ReadonlyMap<string, string>;
  readonly data: ReadonlyMap<string, string>;
}

function simpleItems(parent: XmlNode): Map<string, string> {
  const items = new Map<string, string>();
  for (const item of children(parent, 'SimpleItem')) {
    const name = attributeOf(item, 'Name');
    const value = attributeOf(item, 'Value');
    if (name !== undefined && value !== undefined) items.set(name, value);
  }
  return items;
}

/** The notifications in a PullMessagesResponse, in the order in which they came; what has no topic is left out. */
export function notificationsFrom(response: XmlNode): Notification[] {
  return children(response, 'NotificationMessage').flatMap((entry) => {
    const topic = textOf(descend(entry, 'Topic'));
    if (topic === undefined) return [];
    const message = descend(entry, 'Message', 'Message');
    const utcMs = Date.parse(attributeOf(message, 'UtcTime') ?? '');
    return {
      ...(Number.isFinite(utcMs) ? { utcMs } : {}),
      topic: topic.trim().replace(/(^|\/)[\w.-]{1,64}:/g, '$1'),
      operation: attributeOf(message, 'PropertyOperation'),
      source: simpleItems(descend(message, 'Source')),
      data: simpleItems(descend(message, 'Data')),
    };
  });
}
