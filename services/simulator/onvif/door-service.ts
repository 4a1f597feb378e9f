import type { Device } from '../device/device.ts';
import { type Door, DoorDeniedError } from '../door/door.ts';
import { durationMs } from './iso-duration.ts';
import type { EventSource, PropertyEvent } from './property-event.ts';
import { type OnvifService, type Operation, SERVICE_PATHS } from './service.ts';
import { invalidArgument, SoapFault } from './soap.ts';
import { text, type XmlNode } from './xml.ts';

export const DOOR_TOKEN = 'door-1';
export const DOOR_BUTTON_TOKEN = 'input-exit-button';

/** Of the ONVIF Door Control Service Specification, 5: each operation on the door's token. */
function commandsOf(door: Door): Readonly<Record<string, (body: XmlNode) => void>> {
  return {
    AccessDoor: (body) => {
      const asked = text(body, 'AccessTime');
      const accessTimeMs = asked === undefined ? undefined : durationMs(asked);
      if (asked !== undefined && accessTimeMs === undefined) {
        throw invalidArgument('ter:InvalidArgVal', 'The access time is no duration');
      }
      door.access(accessTimeMs);
    },
    LockDoor: () => door.turn('Locked'),
    UnlockDoor: () => door.turn('Unlocked'),
    BlockDoor: () => door.turn('Blocked'),
    LockDownDoor: () => door.hold('LockedDown'),
    LockDownReleaseDoor: () => door.release('LockedDown'),
    LockOpenDoor: () => door.hold('LockedOpen'),
    LockOpenReleaseDoor: () => door.release('LockedOpen'),
    DoubleLockDoor: () => door.turn('DoubleLocked'),
  };
}

function doorInfo({ options }: Door): string {
  const { hasDoorMonitor, hasLockMonitor, canLockDown } = options;
  return (
    `<tdc:DoorInfo token="${DOOR_TOKEN}"><tdc:Name>Street door</tdc:Name><tdc:Capabilities Access="true" AccessTimingOverride="true" Lock="true" ` +
    `Unlock="true" Block="true" DoubleLock="true" LockDown="${canLockDown}" LockOpen="true" DoorMonitor="${hasDoorMonitor}" ` +
    `LockMonitor="${hasLockMonitor}" DoubleLockMonitor="false" Alarm="true" Tamper="true" Fault="false"/></tdc:DoorInfo>`
  );
}

/** @throws SoapFault ter:NotFound */
export function assertToken(body: XmlNode, known: string, element = 'Token'): void {
  if (text(body, element) !== known) throw invalidArgument('ter:NotFound', 'There is nothing with this token');
}

/** The Door Control service of a controller with one door. */
export function createDoorService(door: Door, device: Device): OnvifService {
  const commands = Object.entries(commandsOf(door)).map(([name, obey]): [string, Operation] => [
    name,
    (body) => {
      assertToken(body, DOOR_TOKEN);
      try {
        if (!device.hasFault('lie')) obey(body);
      } catch (error) {
        if (!(error instanceof DoorDeniedError)) throw error;
        throw new SoapFault({ subcodes: ['ter:ActionNotSupported'], reason: error.message, blame: 'Receiver' });
      }
      return `<tdc:${name}Response/>`;
    },
  ]);
  return {
    path: SERVICE_PATHS.doorControl,
    operations: {
      GetServiceCapabilities: () =>
        '<tdc:GetServiceCapabilitiesResponse><tdc:Capabilities MaxLimit="10" MaxDoors="1"/></tdc:GetServiceCapabilitiesResponse>',
      GetDoorInfoList: () => `<tdc:GetDoorInfoListResponse>${doorInfo(door)}</tdc:GetDoorInfoListResponse>`,
      GetDoorInfo: (body) => {
        // What is not there is left out (5.3.2).
        const isMeant = text(body, 'Token') === DOOR_TOKEN;
        return `<tdc:GetDoorInfoResponse>${isMeant ? doorInfo(door) : ''}</tdc:GetDoorInfoResponse>`;
      },
      GetDoorState: (body) => {
        assertToken(body, DOOR_TOKEN);
        const { mode, physical, lock, alarm, isTampered } = door.state;
        const { hasDoorMonitor, hasLockMonitor } = door.options;
        return (
          `<tdc:GetDoorStateResponse><tdc:DoorState>${hasDoorMonitor ? `<tdc:DoorPhysicalState>${physical}</tdc:DoorPhysicalState>` : ''}` +
          `${hasLockMonitor ? `<tdc:LockPhysicalState>${lock}</tdc:LockPhysicalState>` : ''}<tdc:Alarm>${alarm}</tdc:Alarm>` +
          `<tdc:Tamper><tdc:State>${isTampered ? 'TamperDetected' : 'NotInTamper'}</tdc:State></tdc:Tamper>` +
          `<tdc:DoorMode>${mode}</tdc:DoorMode></tdc:DoorState></tdc:GetDoorStateResponse>`
        );
      },
      ...Object.fromEntries(commands),
    },
  };
}

const describe = (name: string, type: string) =>
  `<${name} wstop:topic="true"><tt:MessageDescription IsProperty="true"><tt:Source><tt:SimpleItemDescription Name="DoorToken" Type="pt:ReferenceToken"/></tt:Source>` +
  `<tt:Data><tt:SimpleItemDescription Name="State" Type="${type}"/></tt:Data></tt:MessageDescription></${name}>`;

/** What a door tells (Door Control Service Specification, 6): tns1:Door/State and its exit button as a digital input. */
export function doorEvents(door: Door): EventSource {
  const told = (name: string, value: string): PropertyEvent => ({
    topic: `tns1:Door/State/${name}`,
    source: [{ name: 'DoorToken', value: DOOR_TOKEN }],
    data: { name: 'State', value },
  });
  const { hasDoorMonitor, hasLockMonitor } = door.options;
  const properties = {
    mode: () => [told('DoorMode', door.state.mode)],
    physical: () => (hasDoorMonitor ? [told('DoorPhysicalState', door.state.physical)] : []),
    lock: () => (hasLockMonitor ? [told('LockPhysicalState', door.state.lock)] : []),
    alarm: () => [told('DoorAlarm', door.state.alarm)],
    tamper: () => [told('DoorTamper', door.state.isTampered ? 'TamperDetected' : 'NotInTamper')],
    button: (): PropertyEvent[] => [
      {
        topic: 'tns1:Device/Trigger/DigitalInput',
        source: [{ name: 'InputToken', value: DOOR_BUTTON_TOKEN }],
        data: { name: 'LogicalState', value: String(door.isPressed) },
      },
    ],
  } as const;
  const names = Object.keys(properties) as (keyof typeof properties)[];
  return {
    topicSet: `<tns1:Door><State>${describe('DoorMode', 'tdc:DoorMode')}${describe('DoorPhysicalState', 'tdc:DoorPhysicalState')}${describe('LockPhysicalState', 'tdc:LockPhysicalState')}${describe('DoorAlarm', 'tdc:DoorAlarmState')}${describe('DoorTamper', 'tdc:DoorTamperState')}</State></tns1:Door>`,
    properties: () => names.flatMap((name) => properties[name]()),
    onChange(listener) {
      const listeners = names.map((name) => [name, () => properties[name]().forEach(listener)] as const);
      for (const [name, listen] of listeners) door.events.on(name, listen);
      return () => {
        for (const [name, listen] of listeners) door.events.off(name, listen);
      };
    },
  };
}
