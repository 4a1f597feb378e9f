import { BARRIER_INPUTS, type Barrier, type BarrierInput } from '../barrier/barrier.ts';
import type { EventSource, PropertyEvent } from './property-event.ts';
import { CLOSE_RELAY_TOKEN, CONTACT_TOKEN, inputToken, RELAY_TOKEN } from './relay-operations.ts';

const itemDescription = (name: string, type: string) => `<tt:SimpleItemDescription Name="${name}" Type="${type}"/>`;

const describe = (element: string, source: string, stateType: string) =>
  `<${element} wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source>${itemDescription(source, 'tt:ReferenceToken')}</tt:Source>` +
  `<tt:Data>${itemDescription('LogicalState', stateType)}</tt:Data></tt:MessageDescription></${element}>`;

const relay = (token: string, state: string): PropertyEvent => ({
  topic: 'tns1:Device/Trigger/Relay',
  source: [{ name: 'RelayToken', value: token }],
  data: { name: 'LogicalState', value: state },
});
const input = (token: string, isActive: boolean): PropertyEvent => ({
  topic: 'tns1:Device/Trigger/DigitalInput',
  source: [{ name: 'InputToken', value: token }],
  data: { name: 'LogicalState', value: String(isActive) },
  isClear: !isActive,
});

/**
 * Relays, contact and loops of a barrier (ONVIF DeviceIO Service, 5.8: tns1:Device/Trigger/Relay and DigitalInput). The
 * contact's logical state is true when it is not idle, that is when it is open: the arm is not down.
 */
export function barrierEvents(barrier: Barrier): EventSource {
  const { hasCloseRelay = false, hasLoops = false } = barrier.options;
  const opening = () => relay(RELAY_TOKEN, barrier.state.relay);
  const closing = () => relay(CLOSE_RELAY_TOKEN, barrier.closeRelay);
  const contact = () => input(CONTACT_TOKEN, barrier.state.contact === 'open');
  const wired = (name: BarrierInput) => input(inputToken(name), barrier.isOn(name));
  return {
    topicSet: `<tns1:Device><Trigger>${describe('Relay', 'RelayToken', 'tt:RelayLogicalState')}${describe('DigitalInput', 'InputToken', 'xs:boolean')}</Trigger></tns1:Device>`,
    properties: () => [
      opening(),
      ...(hasCloseRelay ? [closing()] : []),
      contact(),
      ...(hasLoops ? BARRIER_INPUTS.map(wired) : []),
    ],
    onChange(listener) {
      const { events } = barrier;
      const onRelay = () => listener(opening());
      const onCloseRelay = () => listener(closing());
      const onContact = () => listener(contact());
      const onInput = (name: BarrierInput) => listener(wired(name));
      events.on('relay', onRelay);
      events.on('close-relay', onCloseRelay);
      events.on('contact', onContact);
      events.on('input', onInput);
      return () => {
        events.off('relay', onRelay);
        events.off('close-relay', onCloseRelay);
        events.off('contact', onContact);
        events.off('input', onInput);
      };
    },
  };
}
