import type { Barrier } from '../barrier/barrier.ts';
import { CONTACT_TOKEN, RELAY_TOKEN } from './deviceio-service.ts';
import { escapeXml } from './xml.ts';

/** One property and its value; properties are announced when somebody subscribes and whenever they change (ONVIF Core, 9.4). */
export interface PropertyEvent {
  readonly topic: string;
  readonly source: readonly Item[];
  readonly data: Item;
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

const itemDescription = (name: string, type: string) => `<tt:SimpleItemDescription Name="${name}" Type="${type}"/>`;

/**
 * Relay and contact of a barrier (ONVIF DeviceIO Service, 5.8: tns1:Device/Trigger/Relay and DigitalInput). The input's
 * logical state is true when it is not idle, that is when the contact is open: the arm is not down.
 */
export function barrierEvents(barrier: Barrier): EventSource {
  const relay = (): PropertyEvent => ({
    topic: 'tns1:Device/Trigger/Relay',
    source: [{ name: 'RelayToken', value: RELAY_TOKEN }],
    data: { name: 'LogicalState', value: barrier.state.relay },
  });
  const contact = (): PropertyEvent => ({
    topic: 'tns1:Device/Trigger/DigitalInput',
    source: [{ name: 'InputToken', value: CONTACT_TOKEN }],
    data: { name: 'LogicalState', value: String(barrier.state.contact === 'open') },
  });
  const describe = (element: string, source: string, stateType: string) =>
    `<${element} wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source>${itemDescription(source, 'tt:ReferenceToken')}</tt:Source>` +
    `<tt:Data>${itemDescription('LogicalState', stateType)}</tt:Data></tt:MessageDescription></${element}>`;
  return {
    topicSet: `<tns1:Device><Trigger>${describe('Relay', 'RelayToken', 'tt:RelayLogicalState')}${describe('DigitalInput', 'InputToken', 'xs:boolean')}</Trigger></tns1:Device>`,
    properties: () => [relay(), contact()],
    onChange(listener) {
      const onRelay = () => listener(relay());
      const onContact = () => listener(contact());
      barrier.events.on('relay', onRelay);
      barrier.events.on('contact', onContact);
      return () => {
        barrier.events.off('relay', onRelay);
        barrier.events.off('contact', onContact);
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
    `<tt:Data>${item(event.data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
