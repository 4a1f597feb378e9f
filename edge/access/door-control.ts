import type { DoorAction, LockState } from '@dipper/contract/door-action';
import type { Controller } from './controller.ts';
import type { GateCapabilities } from './driver.ts';
import { findAnswer } from './external-authorization.ts';
import type { GateConfig } from './gate-config.ts';
import type { GateControl, SendOptions } from './gate-control.ts';
import { GateError, printable } from './gate-error.ts';
import { type InputLines, inputSignalFrom, isTrue } from './gate-lines.ts';
import { DOOR_MODES, type DoorMode, type GateSignal } from './gate-signal.ts';
import type { Notification } from './notification.ts';
import { escapeXml } from './username-token.ts';
import { attributeOf, children, descend, textOf, type XmlNode } from './xml-node.ts';

/** ONVIF Door Control Service Specification. */
export const DOOR_CONTROL = 'http://www.onvif.org/ver10/doorcontrol/wsdl';
/** Lists come in pieces; nobody looks after a thousand doors with one gate. */
const MAX_LIST_PIECES = 16;

const DOOR_ABILITIES = [
  'Access',
  'AccessTimingOverride',
  'Lock',
  'Unlock',
  'Block',
  'LockDown',
  'LockOpen',
  'DoorMonitor',
  'LockMonitor',
  'DoubleLockMonitor',
] as const;
type DoorAbility = (typeof DOOR_ABILITIES)[number];

interface DoorInfo {
  readonly token: string;
  readonly abilities: ReadonlySet<DoorAbility>;
}

function doorInfoFrom(node: XmlNode): DoorInfo[] {
  const token = attributeOf(node, 'token');
  if (token === undefined) return [];
  const capabilities = descend(node, 'Capabilities');
  // Attributes of an element by the schema; a few devices write elements.
  const has = (name: DoorAbility) => isTrue(attributeOf(capabilities, name) ?? textOf(descend(capabilities, name)));
  return [{ token, abilities: new Set(DOOR_ABILITIES.filter(has)) }];
}

async function listDoors(controller: Controller, url: URL): Promise<DoorInfo[]> {
  const doors: DoorInfo[] = [];
  let reference = '';
  for (let piece = 0; piece < MAX_LIST_PIECES; piece += 1) {
    const start = reference === '' ? '' : `<StartReference>${escapeXml(reference)}</StartReference>`;
    const response = descend(
      await controller.ask(url, DOOR_CONTROL, 'GetDoorInfoList', start),
      'GetDoorInfoListResponse',
    );
    doors.push(...children(response, 'DoorInfo').flatMap(doorInfoFrom));
    reference = textOf(descend(response, 'NextStartReference')) ?? '';
    if (reference === '') break;
  }
  return doors;
}

function chooseDoor(doors: readonly DoorInfo[], wanted: string | undefined): DoorInfo {
  const found = wanted === undefined && doors.length === 1 ? doors[0] : doors.find(({ token }) => token === wanted);
  if (found !== undefined) return found;
  const tokens = doors.map(({ token }) => printable(token)).join(', ');
  throw new GateError('GATE_DOOR_UNKNOWN', `The controller has the doors [${tokens}].`);
}

/** What each action needs of the door itself; of several alternatives one is enough. */
const NEEDS: Readonly<Record<DoorAction, readonly DoorAbility[]>> = {
  open: ['Access'],
  'hold-open': ['LockOpen', 'Unlock'],
  close: ['Lock'],
  lock: ['LockDown'],
  block: ['Block'],
  release: ['LockOpen', 'LockDown', 'Lock'],
};

function missingFrom(abilities: ReadonlySet<DoorAbility>, kind: GateCapabilities['kind']): Map<DoorAction, string> {
  const missing = new Map<DoorAction, string>();
  for (const [action, needs] of Object.entries(NEEDS) as [DoorAction, readonly DoorAbility[]][]) {
    if (!needs.some((need) => abilities.has(need))) missing.set(action, `The door cannot do ${needs.join(' or ')}.`);
    // An arm is seen by its monitor. A lock without a monitor would be believed for its controller's word.
    const monitor = kind === 'barrier' ? abilities.has('DoorMonitor') : true;
    if (!monitor) missing.set(action, 'The door has no monitor: nobody would see whether the arm has moved.');
    if (action === 'lock' && kind === 'door' && !abilities.has('LockMonitor')) {
      missing.set(action, 'The door has no lock monitor: nobody would see whether the bolt is shot.');
    }
  }
  return missing;
}

const LOCK_STATES: Readonly<Record<string, LockState>> = { Locked: 'locked', Unlocked: 'unlocked' };

function doorSignalFrom(topic: string, state: string): GateSignal[] {
  switch (topic) {
    case 'Door/State/DoorMode':
      return [{ line: 'mode', state: DOOR_MODES.includes(state as DoorMode) ? (state as DoorMode) : 'Unknown' }];
    case 'Door/State/DoorPhysicalState':
      if (state === 'Open') return [{ line: 'contact', state: 'open' }];
      return state === 'Closed' ? [{ line: 'contact', state: 'closed' }] : [];
    case 'Door/State/LockPhysicalState':
      return [{ line: 'lock', state: LOCK_STATES[state] ?? 'unknown' }];
    default:
      return [];
  }
}

const FOR_PEOPLE = ['DoorAlarm', 'DoorTamper', 'DoorFault', 'DoubleLockPhysicalState'].map(
  (name) => `Door/State/${name}`,
);

/**
 * A door of ONVIF door control (Profile C). It holds itself open, locked down or blocked, and tells its mode, its contact
 * and its lock by events.
 *
 * @throws GateError GATE_DOOR_UNKNOWN, GATE_NOT_SUPPORTED and what asking may throw
 */
export async function createDoorControl(
  controller: Controller,
  config: GateConfig,
  inputs: InputLines,
): Promise<GateControl> {
  const url = controller.serviceUrl(DOOR_CONTROL);
  if (url === undefined) throw new GateError('GATE_NOT_SUPPORTED', 'The controller has no door control service.');
  const { token, abilities } = chooseDoor(await listDoors(controller, url), config.door?.token);
  const accessTimeSec = config.door?.accessTimeSec;
  const answer = await findAnswer(controller, token);

  /**
   * The requests that an action takes, from the mode that the door is in. Whether what is locked or blocked may be opened
   * is decided before they are asked for, and again before each is sent.
   */
  function operationsFor(action: DoorAction, mode: DoorMode | undefined): string[] {
    const release =
      mode === 'LockedOpen' ? ['LockOpenReleaseDoor'] : mode === 'LockedDown' ? ['LockDownReleaseDoor'] : [];
    const unlock = mode === 'Blocked' ? ['LockDoor'] : mode === 'LockedDown' ? ['LockDownReleaseDoor'] : [];
    switch (action) {
      case 'open':
        // Some controllers refuse momentary access to a door that is held open; whoever stands before it may pass.
        return mode === 'LockedOpen' || mode === 'Unlocked' ? [] : [...unlock, 'AccessDoor'];
      case 'hold-open':
        return [...unlock, abilities.has('LockOpen') ? 'LockOpenDoor' : 'UnlockDoor'];
      case 'lock':
        return ['LockDownDoor'];
      case 'block':
        return ['BlockDoor'];
      // Where a door goes from its release is the device's choice: to `Locked`, mostly, or to what it was before.
      case 'close':
        return [...release, 'LockDoor'];
      case 'release':
        return mode === 'Blocked' || mode === 'Unlocked' ? ['LockDoor'] : release;
    }
  }

  return {
    missing: missingFrom(abilities, config.kind ?? 'barrier'),
    ...(answer !== undefined && { answer }),
    signalsFrom({ topic, source, data }) {
      const input = inputSignalFrom({ topic, source, data }, inputs);
      if (input !== undefined) return [input];
      const state = data.get('State');
      return source.get('DoorToken') === token && state !== undefined ? doorSignalFrom(topic, state) : [];
    },
    isForPeople: ({ topic, source, operation }: Notification) =>
      operation === 'Changed' && source.get('DoorToken') === token && FOR_PEOPLE.includes(topic),
    async send(action, options: SendOptions) {
      const { timeoutMs, signal } = options;
      for (const operation of operationsFor(action, options.lines.mode?.state)) {
        if (options.enough.aborted) return;
        options.assertAllowed();
        const time =
          operation === 'AccessDoor' && accessTimeSec !== undefined && abilities.has('AccessTimingOverride')
            ? `<AccessTime>PT${accessTimeSec}S</AccessTime>`
            : '';
        await controller.ask(url, DOOR_CONTROL, operation, `<Token>${escapeXml(token)}</Token>${time}`, {
          timeoutMs,
          signal,
        });
      }
    },
  };
}
