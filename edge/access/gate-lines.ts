import type { Controller } from './controller.ts';
import type { GateConfig } from './gate-config.ts';
import { GateError } from './gate-error.ts';
import type { GateSignal } from './gate-view.ts';
import type { Notification } from './notification.ts';

/** Which of a controller's relays and inputs are the gate's. */
export interface GateLines {
  readonly relayToken: string;
  readonly contactToken: string;
  readonly contactOpenWhen: boolean;
}

function choose(tokens: readonly string[], wanted: string | undefined): string | undefined {
  if (wanted !== undefined) return tokens.includes(wanted) ? wanted : undefined;
  return tokens.length === 1 ? tokens[0] : undefined;
}

/**
 * Finds the gate's lines on its controller.
 *
 * @throws GateError GATE_RELAY_UNKNOWN, GATE_CONTACT_UNKNOWN when a token is not there, or none is configured and there
 *   is not exactly one
 */
export async function findGateLines(controller: Controller, config: GateConfig): Promise<GateLines> {
  const relays = await controller.listRelays();
  const relayToken = choose(relays, config.relayToken);
  if (relayToken === undefined) {
    throw new GateError('GATE_RELAY_UNKNOWN', `The controller has the relays [${relays.join(', ')}].`);
  }
  const inputs = await controller.listInputs();
  const contactToken = choose(inputs, config.contactToken);
  if (contactToken === undefined) {
    throw new GateError('GATE_CONTACT_UNKNOWN', `The controller has the inputs [${inputs.join(', ')}].`);
  }
  return { relayToken, contactToken, contactOpenWhen: config.contactOpenWhen ?? true };
}

/** Booleans by XML Schema (true, 1), and the relay's own words, which some devices use for inputs too. */
function logicalState(text: string | undefined): boolean | undefined {
  if (text === 'true' || text === '1' || text === 'active') return true;
  if (text === 'false' || text === '0' || text === 'inactive') return false;
  return undefined;
}

/** What a notification says about the gate; undefined when it is about something else. */
export function gateSignalFrom(notification: Notification, lines: GateLines): GateSignal | undefined {
  const { topic, source, data } = notification;
  const state = logicalState(data.get('LogicalState'));
  if (state === undefined) return undefined;
  if (topic === 'Device/Trigger/Relay' && source.get('RelayToken') === lines.relayToken) {
    return { line: 'relay', state: state ? 'active' : 'inactive' };
  }
  if (topic === 'Device/Trigger/DigitalInput' && source.get('InputToken') === lines.contactToken) {
    return { line: 'contact', state: state === lines.contactOpenWhen ? 'open' : 'closed' };
  }
  return undefined;
}
