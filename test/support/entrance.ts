import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyBody } from '@dipper/contract/policy-body';
import type { GateConfig } from '@dipper/edge/access/gate-config';
import type { GateReport } from '@dipper/edge/access/gate-messages';
import { createGateSupervisor, type GateSupervisor } from '@dipper/edge/agent/gate/gate-supervisor';
import type { SimulatorConfig } from '@dipper/simulator/config/config';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';
import { connectAsync } from 'mqtt';
import pino from 'pino';
import { CREDENTIAL_KEY } from './access-policy.ts';
import { eventually } from './eventually.ts';
import { createPolicySigner, type PolicySigner } from './policy-signer.ts';

const login = { username: 'operator', password: 'street-that-never-was' };
type Device = Extract<SimulatorConfig['devices'][number], { kind: 'barrier' | 'door' }>;
type AnyEvent = Extract<GateReport, { kind: 'event' }>['event'];
type AccessEvent = Extract<AnyEvent, { type: `access.${string}` }>;

export interface EntranceOptions {
  /** Simulated gates by device, and how the edge has them. */
  readonly gates: Readonly<
    Record<string, { readonly simulated: Partial<Device>; readonly config: Partial<GateConfig> }>
  >;
  /** The estate's own broker, and its readers: access point by reader. */
  readonly broker?: string;
  readonly readers?: Readonly<Record<string, string>>;
  /** Readers that hang on a gate's controller: access point and gate by reader. */
  readonly wiredReaders?: Readonly<Record<string, { readonly accessPoint: string; readonly device: string }>>;
  /** Where the edge finds a gate, when not at the simulator itself. */
  readonly addressOf?: (simulated: URL) => URL;
  /** Told of each report as it comes. */
  readonly onReport?: (report: GateReport) => void;
}

/** The gate process as the agent has it, with simulated gates and readers on a real broker. Nothing else of the edge is there. */
export interface Entrance {
  readonly supervisor: GateSupervisor;
  readonly simulator: Simulator;
  readonly hub: PolicySigner;
  readonly memoryFile: string;
  /** Signs it, has it taken up, and waits until it is. */
  setPolicy(body: PolicyBody, claims?: Parameters<PolicySigner['policy']>[1]): Promise<void>;
  /** Has a policy file taken up, whatever is in it; gives the code of its refusal. */
  offerPolicy(text: string): Promise<string | undefined>;
  /** A reader reads. @returns once the broker has it */
  read(reader: string, factor: string, value: string, id?: string): Promise<void>;
  publish(topic: string, message: string, how: { readonly qos?: 0 | 1; readonly retain?: boolean }): Promise<void>;
  readonly reports: readonly GateReport[];
  /** Everything told about access, in order; `since` counts from `reports.length` then. */
  access(since?: number): AccessEvent[];
  /** The next request's record, once it has come to one of these. */
  record(since: number, ...ends: AccessEvent['type'][]): Promise<AccessEvent[]>;
  close(): Promise<void>;
}

/** Starts it; returns once every gate is followed and seen. */
export async function startEntrance(options: EntranceOptions): Promise<Entrance> {
  const folder = await mkdtemp(join(tmpdir(), 'dipper-entrance-'));
  const owner = new AbortController();
  const log = pino({ enabled: false });
  const addressOf = options.addressOf ?? ((simulated: URL) => simulated);
  const reports: GateReport[] = [];
  const hub = createPolicySigner();
  const memoryFile = join(folder, 'access.sqlite');
  const simulator = await createSimulator(
    {
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'empty', discovery: false, timeline: [] },
      devices: Object.entries(options.gates).map(
        ([id, { simulated }]) => ({ id, kind: 'barrier', httpPort: 0, ...login, ...simulated }) as Device,
      ),
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log },
  );
  const logLevel = process.env['LOG_LEVEL'];
  process.env['LOG_LEVEL'] = process.env['GATE_LOG_LEVEL'] ?? 'silent';
  const supervisor = createGateSupervisor({
    gates: Object.entries(options.gates).map(([device, { config }]) => ({
      ...{ device, url: addressOf(new URL(simulator.addresses[`onvif:${device}`] ?? '')).href, ...login, pullMs: 500 },
      ...config,
    })),
    access: {
      ...{ estate: 'lanting', agent: 'lanting-edge-1', memoryFile },
      readers: [
        ...Object.entries(options.readers ?? {}).map(([id, accessPoint]) => ({
          ...({ kind: 'mqtt', id, accessPoint, url: options.broker ?? '' } as const),
        })),
        ...Object.entries(options.wiredReaders ?? {}).map(([id, at]) => ({ kind: 'onvif', id, ...at }) as const),
      ],
    },
    onReport(report) {
      reports.push(report);
      options.onReport?.(report);
    },
    signal: owner.signal,
    log,
  });
  if (logLevel === undefined) delete process.env['LOG_LEVEL'];
  else process.env['LOG_LEVEL'] = logLevel;
  supervisor.setTrust({ hubKeys: [hub.publicKey], credentialKey: CREDENTIAL_KEY });
  const client = options.broker === undefined ? undefined : await connectAsync(options.broker);
  const states = () => reports.flatMap((report) => (report.kind === 'state' ? report.state : []));
  await eventually('every gate is seen', () =>
    Object.keys(options.gates).every((device) => {
      const state = states().findLast((told) => told.device === device);
      return state?.kind === 'gate' && state.position === 'closed';
    }),
  );

  let files = 0;
  const give = async (text: string): Promise<void> => {
    files += 1;
    const file = join(folder, `policy-${files}.json`);
    await writeFile(file, text);
    supervisor.setPolicy({ file });
  };
  const access: Entrance['access'] = (since = 0) =>
    reports.slice(since).flatMap((report) => {
      const event = report.kind === 'event' ? report.event : undefined;
      return event?.type.startsWith('access.') ? [event as AccessEvent] : [];
    });
  return {
    ...{ supervisor, simulator, hub, memoryFile, reports, access },
    async publish(topic, message, how) {
      await client?.publishAsync(topic, message, how);
    },
    async setPolicy(body, claims) {
      await give(JSON.stringify(await hub.policy(body, claims)));
      await eventually(`policy ${body.version}`, () => supervisor.policy?.version === body.version);
    },
    async offerPolicy(text) {
      await give(text);
      return eventually('a refusal', () => supervisor.policy?.refused);
    },
    async read(reader, factor, value, id) {
      const message = { factor, value, ...(id === undefined ? {} : { id }) };
      await client?.publishAsync(`readers/${reader}/credential`, JSON.stringify(message), { qos: 1 });
    },
    async record(since, ...ends) {
      return eventually(`${ends.join(' or ')} after ${JSON.stringify(access(since))}`, () => {
        const events = access(since);
        return events.some(({ type }) => ends.includes(type)) && events;
      });
    },
    async close() {
      await client?.endAsync(true);
      owner.abort();
      await supervisor.done;
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
