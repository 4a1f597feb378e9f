import { escapeXml } from './xml.ts';

/** One property and its value; properties are announced when somebody subscribes and whenever they change (ONVIF Core, 9.4). */
export interface PropertyEvent {
  readonly topic: string;
  readonly source: readonly Item[];
  readonly data: Item | readonly Item[];
  /** The value that ends something: what a device with the fault `no-clear` never tells. */
  readonly isClear?: boolean;
  /** Something that happens and has no state: nobody is told of it when subscribing. */
  readonly isStateless?: boolean;
}

interface Item {
  readonly name: string;
  readonly value: string;
}

/** Where a device's events come from. */
export interface EventSource {
  /** The topic set in GetEventProperties, as XML. */
  readonly topicSet: string;
  /** Present values of all properties. */
  properties(): readonly PropertyEvent[];
  /** @returns unsubscribe */
  onChange(listener: (event: PropertyEvent) => void): () => void;
}

/** Several sources of one device, as one. */
export function joinSources(...sources: readonly EventSource[]): EventSource {
  return {
    topicSet: sources.map(({ topicSet }) => topicSet).join(''),
    properties: () => sources.flatMap((source) => source.properties()),
    onChange(listener) {
      const stops = sources.map((source) => source.onChange(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

export type PropertyOperation = 'Initialized' | 'Changed';

/** A notification as PullMessages carries it (WS-BaseNotification 1.3, 3.2; ONVIF Core, 9.4.1). @param utcTime by the device's clock */
export function encodeNotification(event: PropertyEvent, operation: PropertyOperation, utcTime: string): string {
  const item = ({ name, value }: Item) => `<tt:SimpleItem Name="${escapeXml(name)}" Value="${escapeXml(value)}"/>`;
  return (
    `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${event.topic}</wsnt:Topic>` +
    `<wsnt:Message><tt:Message UtcTime="${utcTime}"${event.isStateless === true ? '' : ` PropertyOperation="${operation}"`}><tt:Source>${event.source.map(item).join('')}</tt:Source>` +
    `<tt:Data>${[event.data].flat().map(item).join('')}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
