import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DoorAction } from '@dipper/contract/door-action';
import type { GateConfig } from '@dipper/edge/access/gate-config';
import type { GateOutcome, GateReport } from '@dipper/edge/access/gate-messages';
import { createGateSupervisor, type GateSupervisor } from '@dipper/edge/agent/gate/gate-supervisor';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startChildPart } from '../support/child-part.ts';
import { startEmbeddedBroker } from '../support/embedded-broker.ts';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { startFakeHub } from '../support/fake-hub.ts';
import { createHubSigner } from '../support/hub-signer.ts';
import { ORIGIN, temporaryFolder } from '../support/open-outbox.ts';

/** What outlives a gate process and an agent that are killed, and which way a gate errs where nobody knows: `failMode`. */
const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));
const login = { username: 'operator', password: 'street-that-never-was' };
const CLOSE_AFTER_MS = 1_000;
/** Two cores may be busy with much else. */
const eventually = <T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> =>
  eventuallyWithin(what, ask, { withinMs: 60_000, everyMs: 20 });

/** A strike on a bistable relay; its leaf is where an arm would be, and a loop stands in for the sensor on its bolt. */
const strike = { kind: 'barrier', travelMs: 50, holdOpenMs: 0, relayMode: 'bistable', loops: true } as const;
const door = {
  ...{ kind: 'door', contactToken: 'input-arm-down', closeAfterMs: CLOSE_AFTER_MS, pullMs: 500 },
  relay: { mode: 'bistable', drives: 'board', service: 'deviceio' },
} as const satisfies Partial<GateConfig>;
const GATES = {
  secure: { ...door, failMode: 'fail-secure', inputs: [{ role: 'lock', token: 'input-entry-loop' }] },
  safe: {
    // Closed by itself long after any of these tests: however busy the machine, it is open when its process dies.
    ...{ ...door, failMode: 'fail-safe', safety: { fireRelease: 'hardwired' }, closeAfterMs: 600_000 },
    inputs: [
      { role: 'lock', token: 'input-entry-loop' },
      { role: 'fire', token: 'input-fire' },
    ],
  },
  // Its lock hangs on the relay's own contact, which would let it go at rest.
  contradicted: { kind: 'door', failMode: 'fail-safe', contactToken: 'input-arm-down' },
  arm: { contactToken: 'input-arm-down', heldOpenAfterMs: 1_000, pullMs: 500 },
} as const satisfies Record<string, Partial<GateConfig>>;
type Device = keyof typeof GATES;

let simulator: Simulator;
let folder: string;
let edge: ReturnType<typeof startEdge>;
const owner = new AbortController();
const logLevel = process.env['LOG_LEVEL'];

beforeAll(async () => {
  process.env['LOG_LEVEL'] = 'silent';
  folder = mkdtempSync(join(tmpdir(), 'dipper-gate-restart-'));
  simulator = await createSimulator(
    {
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'empty', discovery: false, timeline: [] },
      devices: [
        { id: 'secure', httpPort: 0, ...login, ...strike },
        { id: 'safe', httpPort: 0, ...login, ...strike },
        { id: 'contradicted', httpPort: 0, ...login, kind: 'barrier' },
        { id: 'arm', httpPort: 0, ...login, kind: 'barrier', travelMs: 50, holdOpenMs: 200, relayPulseMs: 50 },
      ],
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log: pino({ enabled: false }) },
  );
  edge = startEdge();
  await edge.online();
});
afterAll(async () => {
  await edge?.stop();
  owner.abort();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
  if (logLevel === undefined) delete process.env['LOG_LEVEL'];
  else process.env['LOG_LEVEL'] = logLevel;
});
beforeEach(async () => {
  for (const device of ['secure', 'safe'] as const) {
    simulator.estate.setInput(device, 'entry-loop', { active: false });
    simulator.estate.setInput(device, 'fire', { active: false });
    const isFree = () => edge.state(device)?.hold === 'normal' && barrier(device)?.relay === 'inactive';
    await eventually(`${device} to be free`, async () => isFree() || (await edge.command(device, 'release')).ok);
  }
});

type AnyEvent = Extract<GateReport, { kind: 'event' }>['event'];

/** The agent's side of the gates: what it begins, and what it is told. */
function startEdge() {
  const stop = new AbortController();
  const reports: GateReport[] = [];
  const supervisor: GateSupervisor = createGateSupervisor({
    gates: Object.entries(GATES).map(([device, config]) => ({
      ...{ device, url: simulator.addresses[`onvif:${device}`] ?? '', ...login },
      ...config,
    })) as GateConfig[],
    holdsFile: join(folder, 'gate-holds.json'),
    onReport: (report) => void reports.push(report),
    signal: stop.signal,
    log: pino({ enabled: false }),
  });
  const state = (device: Device) =>
    reports
      .flatMap((report) => (report.kind === 'state' && report.state.kind === 'gate' ? report.state : []))
      .findLast((told) => told.device === device);
  const events = <T extends AnyEvent['type']>(type: T, device: Device) =>
    reports
      .flatMap((report) => (report.kind === 'event' ? report.event : []))
      .filter((event): event is Extract<AnyEvent, { type: T }> => event.type === type && event.device === device);
  /** Connected, and with its first words heard. */
  const isSeen = (device: Device) => {
    const told = state(device);
    return told?.connection === 'online' && told.relay !== 'unknown' && told.contact !== 'unknown';
  };
  const online = () => eventually('the gates', () => (['secure', 'safe', 'arm'] as const).every(isSeen));
  return {
    ...{ state, events, online },
    command: (device: Device, action: DoorAction): Promise<GateOutcome> =>
      supervisor.command({ id: randomUUID(), device, action, deadlineMs: 10_000 }),
    /** Kills the gate process, and waits for the next one to see the gates. */
    async kill() {
      const { pid } = supervisor;
      process.kill(pid as number, 'SIGKILL');
      await eventually('another gate process', () => supervisor.pid !== undefined && supervisor.pid !== pid);
      await online();
    },
    async stop() {
      stop.abort();
      await supervisor.done;
    },
  };
}

/** The agent ends, and another begins with the same files. */
async function restartAgent(): Promise<void> {
  await edge.stop();
  edge = startEdge();
  await edge.online();
}

const barrier = (device: Device) => simulator.estate.state.devices.find(({ id }) => id === device)?.barrier;

async function lock(device: 'secure' | 'safe'): Promise<void> {
  const locking = edge.command(device, 'lock');
  simulator.estate.setInput(device, 'entry-loop', { active: true });
  expect(await locking).toMatchObject({ ok: true, hold: 'locked' });
}

async function open(device: 'secure' | 'safe'): Promise<GateOutcome> {
  const opening = edge.command(device, 'open');
  await eventually('the relay', () => barrier(device)?.relay === 'active');
  simulator.estate.setInput(device, 'entry-loop', { active: false });
  return opening;
}

describe('a guard’s lock', () => {
  test('outlives the gate process, the agent, and both', async () => {
    await lock('secure');
    await edge.kill();
    expect(edge.state('secure')?.hold).toBe('locked');
    expect(await edge.command('secure', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED' });
    await restartAgent();
    expect(edge.events('gate.state', 'secure')[0]?.data.hold).toBe('locked');
    expect(await edge.command('secure', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED' });
    expect(await edge.command('secure', 'release')).toMatchObject({ ok: true, hold: 'normal' });
    await restartAgent();
    expect(await open('secure')).toMatchObject({ ok: true });
  });

  test('that cannot be read any more is in force where the gate fails secure, and not where it fails safe', async () => {
    await edge.stop();
    writeFileSync(join(folder, 'gate-holds.json'), '{"secure": "lo');
    edge = startEdge();
    await edge.online();
    expect(await edge.command('secure', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED', hold: 'locked' });
    expect(await open('safe')).toMatchObject({ ok: true });
    expect(await edge.command('secure', 'release')).toMatchObject({ ok: true, hold: 'normal' });
  });
});

test('a gate that is held open stays so, and one that was opened when its process died is closed or said to be held open', async () => {
  expect(await edge.command('safe', 'hold-open')).toMatchObject({ ok: true, hold: 'held-open' });
  expect(await open('secure')).toMatchObject({ ok: true });
  await edge.kill();
  expect(edge.state('safe')).toMatchObject({ hold: 'held-open', relay: 'active' });
  // The next process ends what the last one began.
  await eventually('the fail-secure gate is closed', () => barrier('secure')?.relay === 'inactive');
  expect(edge.state('secure')?.hold).toBe('normal');
  expect(await edge.command('safe', 'release')).toMatchObject({ ok: true, hold: 'normal' });

  expect(await open('safe')).toMatchObject({ ok: true, hold: 'normal' });
  await edge.kill();
  await eventually('it says so', () => edge.state('safe')?.hold === 'held-open');
  expect(barrier('safe')?.relay).toBe('active');
  expect(await edge.command('safe', 'release')).toMatchObject({ ok: true, hold: 'normal' });
});

test('an agent that is stopped leaves open what fails safe, and closes what fails secure before it goes', async () => {
  expect(await open('safe')).toMatchObject({ ok: true });
  // It has three seconds, of which a busy machine may take the most for itself.
  const closed = await eventually('a stop that closes', async () => {
    expect(await open('secure')).toMatchObject({ ok: true });
    await edge.stop();
    const isClosed = barrier('secure')?.relay === 'inactive';
    edge = startEdge();
    await edge.online();
    return isClosed;
  });
  expect(closed).toBe(true);
  expect(barrier('safe')?.relay).toBe('active');
  await eventually('it says so', () => edge.state('safe')?.hold === 'held-open');
});

test('what was told to stand open too long is told closed by the next process, and by the next agent', async () => {
  const told = () => edge.events('gate.held-open', 'arm');
  const before = told().length;
  simulator.estate.force('arm');
  const started = await eventually('held open', () => told()[before]);
  expect(started.data.phase).toBe('started');
  await edge.kill();
  expect(told()).toHaveLength(before + 1);
  simulator.estate.closeBarrier('arm');
  const ended = await eventually('its end', () => told()[before + 1]);
  expect(ended.data).toEqual({ phase: 'ended', since: started.data.since });

  simulator.estate.force('arm');
  await eventually('held open again', () => told()[before + 2]);
  await edge.stop();
  simulator.estate.closeBarrier('arm');
  edge = startEdge();
  expect((await eventually('its end', () => told()[0])).data.phase).toBe('ended');
  await edge.online();
});

test('in a fire a lock ends where the gate fails safe and is opened, and what was opened then is left to people', async () => {
  await lock('safe');
  await lock('secure');
  simulator.estate.setInput('safe', 'fire', { active: true });
  await eventually('the alarm', () => edge.events('fire.alarm', 'safe').at(-1)?.data.phase === 'started');
  // Nothing has opened by itself: Dipper is no fire release.
  expect([barrier('safe')?.relay, barrier('secure')?.relay]).toEqual(['inactive', 'inactive']);
  expect(await edge.command('secure', 'open')).toMatchObject({ ok: false, code: 'GATE_LOCKED' });
  expect(await open('safe')).toMatchObject({ ok: true });
  await eventually('it is held open', () => edge.state('safe')?.hold === 'held-open');
  expect(await edge.command('safe', 'release')).toMatchObject({ ok: false, code: 'GATE_FIRE_ALARM' });
  expect(await edge.command('secure', 'release')).toMatchObject({ ok: true });
  expect(await open('secure')).toMatchObject({ ok: true });

  simulator.estate.setInput('safe', 'fire', { active: false });
  // Closed by itself as soon as the fire is over.
  await eventually('the fail-secure gate is closed', () => barrier('secure')?.relay === 'inactive');
  expect(edge.state('safe')).toMatchObject({ hold: 'held-open', relay: 'active' });
  expect(await edge.command('safe', 'release')).toMatchObject({ ok: true, hold: 'normal' });
});

test('a relay whose rest contradicts what the lock is said to be is not driven', async () => {
  const said = await eventually('a refusal', () => {
    const state = edge.state('contradicted');
    return state?.cause !== undefined && state;
  });
  expect(said).toMatchObject({ cause: 'GATE_RELAY_MISMATCH', position: 'unknown' });
  expect(said.message).toMatch(/at rest it is open, not closed as a fail-safe lock needs it/);
});

test('a whole agent tells of a fire within a second of its input, and keeps what was locked before it began', async ({
  onTestFinished,
}) => {
  await edge.stop();
  const broker = await startEmbeddedBroker();
  onTestFinished(() => broker.stop());
  const signer = createHubSigner();
  const hub = await startFakeHub({ url: broker.url, origin: ORIGIN, connect: broker.hub, signer });
  onTestFinished(() => hub.stop());
  const dir = temporaryFolder();
  mkdirSync(join(dir, 'data'));
  writeFileSync(join(dir, 'data', 'gate-holds.json'), '{"safe": "locked"}\n');
  writeFileSync(join(dir, 'hub.jwk'), JSON.stringify(signer.publicJwk));
  const { username, password } = broker.agent(ORIGIN.agent);
  writeFileSync(join(dir, 'mqtt'), password ?? '', { mode: 0o600 });
  writeFileSync(join(dir, 'gate'), login.password, { mode: 0o600 });
  const { pullMs: _, ...gate } = GATES.safe;
  const config = {
    ...{ ...ORIGIN, dataDir: 'data', hub: { publicKeyFile: 'hub.jwk' }, media: { keyFile: 'media.key' } },
    mqtt: { url: broker.url, username, passwordFile: 'mqtt' },
    gates: [
      {
        ...{ id: 'safe', place: 'gate', ...gate },
        onvif: { url: simulator.addresses['onvif:safe'], username: login.username, passwordFile: 'gate' },
      },
    ],
  };
  writeFileSync(join(dir, 'edge.yaml'), stringify(config));
  const agent = await startChildPart(AGENT, ['--config', join(dir, 'edge.yaml')]);
  onTestFinished(() => agent.stop());
  // As they lay in the agent's spool, with the time that they were given there.
  const told = (type: string) => hub.received.filter((event) => event.type === type);
  const seen = await eventually('the gate', () =>
    told('gate.state').find(({ data }) => (data as { relay: string }).relay !== 'unknown'),
  );
  expect(seen.data).toMatchObject({ hold: 'locked', relay: 'inactive' });

  // One of three may fall into a moment in which the machine does something else.
  const latenciesMs: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    const known = told('fire.alarm').length;
    const changedAtMs = Date.now();
    simulator.estate.setInput('safe', 'fire', { active: count % 2 === 0 });
    const fire = await eventually('the fire', () => told('fire.alarm')[known]);
    expect(fire.data).toMatchObject({ phase: count % 2 === 0 ? 'started' : 'ended' });
    latenciesMs.push(Date.parse(fire.time) - changedAtMs);
  }
  expect(latenciesMs.toSorted((a, b) => a - b)[1]).toBeLessThan(1_000);
});
