import type { DoorAction } from '@dipper/contract/door-action';
import type { Controller } from './controller.ts';
import { idleOfLock } from './fail-mode.ts';
import type { GateConfig } from './gate-config.ts';
import type { GateControl, SendOptions } from './gate-control.ts';
import { GateError, printable } from './gate-error.ts';
import { chooseToken, type InputLines, inputSignalFrom, logicalState } from './gate-lines.ts';
import type { GateLinesSeen } from './gate-memory.ts';
import type { GateSignal } from './gate-signal.ts';
import type { Notification } from './notification.ts';
import { escapeXml } from './username-token.ts';
import { attributeOf, children, descend, textOf, type XmlNode } from './xml-node.ts';

/** ONVIF DeviceIO Service Specification §5, and the Device Management service's older relay operations (Core §8.6). */
const DEVICE_IO = 'http://www.onvif.org/ver10/deviceIO/wsdl';
const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
type ServiceName = 'deviceio' | 'device';
const NAMESPACES: Readonly<Record<ServiceName, string>> = { deviceio: DEVICE_IO, device: DEVICE };

interface Relay {
  readonly token: string;
  readonly mode: 'monostable' | 'bistable' | undefined;
  readonly idle: 'open' | 'closed' | undefined;
}

/** Outlives one connection: which service moved the relay, so that it is found out once. */
export interface RelayService {
  real: ServiceName | undefined;
}

function relayFrom(node: XmlNode): Relay[] {
  const token = attributeOf(node, 'token');
  if (token === undefined) return [];
  const properties = descend(node, 'Properties');
  const word = (name: string) => textOf(descend(properties, name))?.trim().toLowerCase();
  const mode = word('Mode');
  const idle = word('IdleState');
  return [
    {
      token,
      mode: mode === 'monostable' || mode === 'bistable' ? mode : undefined,
      idle: idle === 'open' || idle === 'closed' ? idle : undefined,
    },
  ];
}

/** Relays by service, of the services that have any; one that does not know the question has none. */
async function listRelays(controller: Controller): Promise<Map<ServiceName, Relay[]>> {
  const found = new Map<ServiceName, Relay[]>();
  for (const name of ['deviceio', 'device'] as const) {
    const url = controller.serviceUrl(NAMESPACES[name]);
    if (url === undefined) continue;
    try {
      const body = await controller.ask(url, NAMESPACES[name], 'GetRelayOutputs');
      const relays = children(descend(body, 'GetRelayOutputsResponse'), 'RelayOutputs').flatMap(relayFrom);
      if (relays.length > 0) found.set(name, relays);
    } catch (error) {
      const isNo = error instanceof GateError && (error.code === 'GATE_FAULT' || error.code === 'GATE_NOT_SUPPORTED');
      if (!isNo) throw error;
    }
  }
  return found;
}

function differences(relay: Relay, config: GateConfig): string[] {
  const { mode = 'monostable', idle } = config.relay ?? {};
  const ofLock = idleOfLock(config);
  const because =
    idle === undefined ? ` as a ${config.failMode} lock needs it that hangs on it (or say relay.drives: board)` : '';
  const wanted = idle ?? ofLock;
  return [
    ...(relay.mode !== undefined && relay.mode !== mode ? [`it is ${relay.mode}, not ${mode}`] : []),
    ...(wanted !== undefined && relay.idle !== undefined && relay.idle !== wanted
      ? [`at rest it is ${relay.idle}, not ${wanted}${because}`]
      : []),
  ];
}

/**
 * Where both services speak of a relay and one is not its own, only what both say against the configuration counts: which
 * of them is right shows when it moves. @throws GateError GATE_RELAY_MISMATCH
 */
function assertAsConfigured(relays: readonly Relay[], config: GateConfig): void {
  const found = relays.map((relay) => differences(relay, config));
  const [first] = found;
  if (first === undefined || found.some((one) => one.length === 0)) return;
  const token = printable(relays[0]?.token ?? '');
  throw new GateError('GATE_RELAY_MISMATCH', `The controller says of relay ${token}: ${first.join('; ')}.`);
}

/** What a notification says about the gate whose relay and inputs these are; nothing when it is about something else. */
export function relaySignalsFrom(notification: Notification, relayToken: string, inputs: InputLines): GateSignal[] {
  const input = inputSignalFrom(notification, inputs);
  if (input !== undefined) return [input];
  const { topic, source, data } = notification;
  if (topic !== 'Device/Trigger/Relay' || source.get('RelayToken') !== relayToken) return [];
  const state = logicalState(data.get('LogicalState'));
  return state === undefined ? [] : [{ line: 'relay', state: state ? 'active' : 'inactive' }];
}

/**
 * A gate that is opened by a relay of a controller, and seen by its inputs.
 *
 * Where both services speak of the relay, one of them may answer with success and do nothing. The first command finds out:
 * it goes to DeviceIO, and when nothing moves to the Device service, whose relay it then is.
 *
 * @throws GateError GATE_RELAY_UNKNOWN, GATE_RELAY_MISMATCH and what asking may throw
 */
export async function createRelayControl(
  controller: Controller,
  config: GateConfig,
  inputs: InputLines,
  service: RelayService,
): Promise<GateControl> {
  const relays = await listRelays(controller);
  const listed = relays.get(config.relay?.service ?? 'deviceio') ?? relays.get('device') ?? [];
  const tokens = listed.map(({ token }) => token);
  const there = `The controller has the relays [${tokens.map(printable).join(', ')}].`;
  const token = chooseToken(tokens, config.relayToken);
  if (token === undefined) throw new GateError('GATE_RELAY_UNKNOWN', there);
  const { closeRelayToken } = config;
  if (closeRelayToken !== undefined && !tokens.includes(closeRelayToken)) {
    throw new GateError('GATE_RELAY_UNKNOWN', there);
  }
  if (config.actions?.length !== 0) {
    const spoken = [...relays].filter(([name]) => name === (config.relay?.service ?? name)).flatMap(([, all]) => all);
    assertAsConfigured(
      spoken.filter((one) => one.token === token),
      config,
    );
  }
  const isBistable = config.relay?.mode === 'bistable';

  /** Services to try, the likely one first. */
  function candidates(): ServiceName[] {
    const known = service.real ?? config.relay?.service;
    return known === undefined ? [...relays.keys()] : [known];
  }

  async function set(relayToken: string, state: 'active' | 'inactive', options: SendOptions): Promise<void> {
    const names = candidates();
    for (const name of names) {
      const url = controller.serviceUrl(NAMESPACES[name]);
      if (url === undefined) throw new GateError('GATE_NOT_SUPPORTED', `The controller has no service ${name}.`);
      const { timeoutMs, signal } = options;
      if (signal.aborted || options.enough.aborted) return;
      options.assertAllowed();
      const body = `<RelayOutputToken>${escapeXml(relayToken)}</RelayOutputToken><LogicalState>${state}</LogicalState>`;
      await controller.ask(url, NAMESPACES[name], 'SetRelayOutputState', body, { timeoutMs, signal });
      if (names.length === 1) return;
      if (await options.hasMoved()) {
        service.real = name;
        return;
      }
    }
  }

  function requestFor(action: DoorAction, lines: GateLinesSeen): ['active' | 'inactive', string] {
    if (action === 'open' || action === 'hold-open') return ['active', token ?? ''];
    // A relay that is up holds the gate; one of its own brings the arm down.
    const isUp = isBistable && lines.relay?.state !== 'inactive';
    return action === 'close' && closeRelayToken !== undefined && !isUp
      ? ['active', closeRelayToken]
      : ['inactive', token ?? ''];
  }

  return {
    missing: new Map(),
    signalsFrom: (notification) => relaySignalsFrom(notification, token, inputs),
    isForPeople: () => false,
    send(action, options) {
      const [state, relayToken] = requestFor(action, options.lines);
      return set(relayToken, state, options);
    },
  };
}
