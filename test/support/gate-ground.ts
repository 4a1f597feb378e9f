import { randomUUID } from 'node:crypto';
import type { DoorAction } from '@dipper/contract/door-action';
import type { DoorOutcome, GateDriver, GateObserver } from '@dipper/edge/access/driver';
import type { GateConfig } from '@dipper/edge/access/gate-config';
import { createGateFleet } from '@dipper/edge/access/gate-fleet';
import type { GateReport } from '@dipper/edge/access/gate-messages';
import type { SimulatorConfig } from '@dipper/simulator/config/config';
import type { Estate } from '@dipper/simulator/control/estate';
import { createSimulator } from '@dipper/simulator/simulator';
import pino from 'pino';
import { eventually } from './eventually.ts';

const credentials = { username: 'operator', password: 'p%40:/?#' };
type SimulatedGate = Extract<SimulatorConfig['devices'][number], { kind: 'barrier' | 'door' }>;
type Changes<T> = T extends { readonly kind: unknown } ? Partial<Omit<T, 'id'>> & Pick<T, 'kind'> : never;

/** A gate: how the simulator has it, and how the edge is configured for it. */
export interface GroundGate {
  readonly simulated: Changes<SimulatedGate>;
  readonly config: Partial<GateConfig>;
}

type AnyEvent = Extract<GateReport, { kind: 'event' }>['event'];
type EventOf<T extends AnyEvent['type']> = Extract<AnyEvent, { type: T }>;
interface PassageSeen {
  readonly device: string;
  readonly direction: string;
  readonly correlation: string | undefined;
}
interface InputSeen {
  readonly device: string;
  readonly role: string;
  readonly isActive: boolean;
}

/** Simulated gates and the edge's drivers of them, in this process. */
export interface GateGround {
  readonly estate: Estate;
  readonly addresses: Readonly<Record<string, string>>;
  driver(device: string): GateDriver;
  /** @param deadlineMs generous by default: a busy machine is no fault of the gate */
  command(device: string, action: DoorAction, deadlineMs?: number): Promise<DoorOutcome & { readonly id: string }>;
  events<T extends AnyEvent['type']>(type: T, device: string): EventOf<T>[];
  /** The state that was last told of a gate. */
  state(device: string): Extract<GateReport, { kind: 'state' }>['state'] | undefined;
  /** What the observer was told of passages, oldest first. */
  readonly passages: readonly PassageSeen[];
  readonly inputs: readonly InputSeen[];
  close(): Promise<void>;
}

/** Starts gates and follows them; returns once all that are expected to be are online. */
export async function startGateGround(gates: Readonly<Record<string, GroundGate>>): Promise<GateGround> {
  const owner = new AbortController();
  const reports: GateReport[] = [];
  const passages: PassageSeen[] = [];
  const inputs: InputSeen[] = [];
  const devices = Object.entries(gates).map(([id, { simulated }]) => ({
    ...{ id, httpPort: 0, ...credentials },
    ...simulated,
  })) as SimulatedGate[];
  const simulator = await createSimulator(
    {
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'empty', discovery: false, timeline: [] },
      devices,
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log: pino({ enabled: false }) },
  );
  const observer: GateObserver = {
    doorSeen: () => undefined,
    notificationSeen: () => undefined,
    inputSeen: (device, role, isActive) => void inputs.push({ device, role, isActive }),
    passageSeen: (device, direction, _atMs, correlation) => void passages.push({ device, direction, correlation }),
  };
  const fleet = createGateFleet({
    follow: {
      type: 'follow',
      forcedSinceMs: {},
      gates: Object.entries(gates).map(([device, { config }]) => ({
        ...{ device, url: simulator.addresses[`onvif:${device}`] ?? '', ...credentials, pullMs: 500, timeoutMs: 2_000 },
        ...config,
      })),
    },
    onReport: (report) => void reports.push(report),
    observer,
    signal: owner.signal,
    log: pino({ enabled: false }),
  });
  const state: GateGround['state'] = (device) =>
    reports
      .flatMap((report) => (report.kind === 'state' ? report.state : []))
      .findLast((said) => said.device === device);
  const driver = (device: string): GateDriver => {
    const found = fleet.drivers.get(device);
    if (found === undefined) throw new Error(`no gate ${device}`);
    return found;
  };
  await eventually('every gate is known', () =>
    Object.keys(gates).every((device) => state(device)?.connection === 'online' || state(device)?.cause !== undefined),
  );
  return {
    ...{ estate: simulator.estate, addresses: simulator.addresses, driver, state, passages, inputs },
    async command(device, action, deadlineMs = 10_000) {
      const id = randomUUID();
      return { ...(await driver(device).command(action, { deadlineMs, correlation: id })), id };
    },
    events<T extends AnyEvent['type']>(type: T, device: string) {
      const told = reports.flatMap((report) => (report.kind === 'event' ? report.event : []));
      return told.filter((event): event is EventOf<T> => event.type === type && event.device === device);
    },
    async close() {
      owner.abort();
      await fleet.done;
      await simulator.close();
    },
  };
}
