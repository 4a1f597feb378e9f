import type { InputRole } from './driver.ts';
import type { GateConfig } from './gate-config.ts';
import { GateError } from './gate-error.ts';
import type { GateSignal } from './gate-signal.ts';
import type { Notification } from './notification.ts';

interface InputLine {
  readonly role: InputRole;
  readonly activeWhen: boolean;
}

/** A controller's digital inputs that are this gate's, by their tokens. */
export type InputLines = ReadonlyMap<string, InputLine>;

/** The one that is wanted, or the only one there is; undefined when neither is there. */
export function chooseToken(tokens: readonly string[], wanted: string | undefined): string | undefined {
  if (wanted !== undefined) return tokens.includes(wanted) ? wanted : undefined;
  return tokens.length === 1 ? tokens[0] : undefined;
}

/**
 * Finds the gate's inputs on its controller. A door of ONVIF door control has its contact inside; then only inputs that
 * are named count, and so does one that tells of a contact all the same.
 *
 * @param tokens the inputs that the controller lists; undefined when it lists none, and what is named has to be believed
 * @throws GateError GATE_CONTACT_UNKNOWN, GATE_INPUT_UNKNOWN when a token is not there, or a relay's contact is not
 *   configured and there is not exactly one input
 */
export function findInputs(tokens: readonly string[] | undefined, config: GateConfig): InputLines {
  const lines = new Map<string, InputLine>();
  const there = `The controller has the inputs [${tokens?.join(', ') ?? ''}].`;
  for (const { role, token, activeWhen } of config.inputs ?? []) {
    if (tokens?.includes(token) === false) throw new GateError('GATE_INPUT_UNKNOWN', there);
    lines.set(token, { role, activeWhen: activeWhen ?? true });
  }
  if (config.driver === 'door' && config.contactToken === undefined) return lines;
  const contact = chooseToken(tokens ?? [config.contactToken ?? ''], config.contactToken);
  if (contact === undefined || contact === '') throw new GateError('GATE_CONTACT_UNKNOWN', there);
  lines.set(contact, { role: 'contact', activeWhen: config.contactOpenWhen ?? true });
  return lines;
}

/** Yes, as XML Schema writes it. */
export const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';

/** Booleans by XML Schema (true, 1), and the relay's own words, which some devices use for inputs too. */
export function logicalState(text: string | undefined): boolean | undefined {
  if (text === 'true' || text === '1' || text === 'active') return true;
  if (text === 'false' || text === '0' || text === 'inactive') return false;
  return undefined;
}

/** What a notification says about one of the gate's inputs; undefined when it is about something else. */
export function inputSignalFrom(
  { topic, source, data }: Pick<Notification, 'topic' | 'source' | 'data'>,
  inputs: InputLines,
): GateSignal | undefined {
  if (topic !== 'Device/Trigger/DigitalInput') return undefined;
  const line = inputs.get(source.get('InputToken') ?? '');
  const state = logicalState(data.get('LogicalState'));
  if (line === undefined || state === undefined) return undefined;
  const isActive = state === line.activeWhen;
  if (line.role === 'contact') return { line: 'contact', state: isActive ? 'open' : 'closed' };
  if (line.role === 'lock') return { line: 'lock', state: isActive ? 'locked' : 'unlocked' };
  return { line: 'input', role: line.role, isActive };
}
