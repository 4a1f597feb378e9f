import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FORCED_GRACE_MS, type GateConfig } from '@dipper/edge/access/gate-config';
import type { GateReport } from '@dipper/edge/access/gate-messages';
import { createGateSupervisor, type GateSupervisor } from '@dipper/edge/agent/gate/gate-supervisor';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  challengeForever,
  endless,
  envelope,
  fault,
  reply,
  silent,
  systemDateAndTime,
  truncated,
} from '../support/hostile-soap-server.ts';
import { type ScriptedGate, startScriptedGate } from '../support/scripted-gate.ts';

const FORCED_WINDOW_MS = 300;
const SECRET = 'p%40:/?#';
let logLevel: string | undefined;
type OnFinished = (close: () => Promise<void>) => void;

beforeAll(() => {
  logLevel = process.env['LOG_LEVEL'];
  process.env['LOG_LEVEL'] = 'silent';
});
afterAll(() => {
  if (logLevel === undefined) delete process.env['LOG_LEVEL'];
  else process.env['LOG_LEVEL'] = logLevel;
});

const poll = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

interface Followed {
  readonly gate: ScriptedGate;
  readonly supervisor: GateSupervisor;
  readonly reports: GateReport[];
  events(type: string): unknown[];
  /** What was told of force after the end that an agent tells of each gate it first sees closed. */
  forced(): unknown[];
  lastState(): Extract<GateReport, { kind: 'state' }>['state'] | undefined;
  stop(): Promise<void>;
}

/** Follows a scripted gate until the test is finished. */
async function follow(
  onTestFinished: OnFinished,
  answers: Parameters<typeof startScriptedGate>[0] = {},
  config: Partial<GateConfig> = {},
  aliveTimeoutMs = 10_000,
): Promise<Followed> {
  const gate = await startScriptedGate(answers);
  const owner = new AbortController();
  const reports: GateReport[] = [];
  const supervisor = createGateSupervisor({
    gates: [
      {
        device: 'barrier',
        place: 'east-gate',
        url: gate.server.url,
        username: 'admin',
        password: SECRET,
        forcedWindowMs: FORCED_WINDOW_MS,
        timeoutMs: 600,
        pullMs: 300,
        offlineAfterMs: 800,
        ...config,
      },
    ],
    onReport: (report) => void reports.push(report),
    signal: owner.signal,
    log: pino({ enabled: false }),
    aliveTimeoutMs,
  });
  const stop = async () => {
    owner.abort();
    await supervisor.done;
  };
  onTestFinished(gate.close);
  onTestFinished(stop);
  const events = (type: string): unknown[] =>
    reports.flatMap((report) => (report.kind === 'event' && report.event.type === type ? report.event.data : []));
  return {
    gate,
    supervisor,
    reports,
    stop,
    events,
    forced: () => events('gate.forced').slice(1),
    lastState: () => reports.flatMap((report) => (report.kind === 'state' ? report.state : [])).at(-1),
  };
}

async function untilOnline(followed: Followed): Promise<void> {
  await poll(() => followed.lastState()).toMatchObject({
    connection: 'online',
    position: 'closed',
    relay: 'inactive',
    contact: 'closed',
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a gate that works', () => {
  test('closed at the start, ends what the hub may still hold from before: it was closed while nobody watched', async ({
    onTestFinished,
  }) => {
    const startedAtMs = Date.now();
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    expect(followed.events('gate.forced')).toMatchObject([{ phase: 'ended', contact: 'closed' }]);
    const [{ since }] = followed.events('gate.forced') as [{ since: string }];
    expect(Date.parse(since)).toBeGreaterThanOrEqual(startedAtMs);
    process.kill(followed.supervisor.pid ?? 0, 'SIGKILL');
    await poll(() => followed.lastState()).toMatchObject({ cause: 'GATE_PROCESS_ENDED' });
    await untilOnline(followed);
    expect(followed.forced()).toEqual([]);
  });

  test('open at the start, ends it when it closes', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    followed.gate.contact('open'); // long before the gate process is up
    await poll(() => followed.lastState()).toMatchObject({ connection: 'online', position: 'open' });
    expect(followed.events('gate.forced')).toEqual([]);
    followed.gate.contact('closed');
    await poll(() => followed.events('gate.forced')).toMatchObject([{ phase: 'ended', contact: 'closed' }]);
  });

  test('opening by the relay is told and not forced; opening without it is forced until it closes', async ({
    onTestFinished,
  }) => {
    const followed = await follow(onTestFinished);
    const { gate } = followed;
    await untilOnline(followed);
    const position = () => followed.lastState();

    gate.relay('active');
    await poll(position).toMatchObject({ position: 'moving' });
    gate.contact('open');
    await poll(position).toMatchObject({ position: 'open' });
    gate.relay('inactive');
    await poll(position).toMatchObject({ relay: 'inactive' });
    gate.contact('closed');
    await poll(position).toMatchObject({ position: 'closed' });
    gate.contactThenRelay('open', 'active');
    await poll(position).toMatchObject({ position: 'open', relay: 'active' });
    gate.relay('inactive');
    gate.contact('closed');
    await poll(position).toMatchObject({ position: 'closed', relay: 'inactive' });
    expect(followed.forced()).toEqual([]);

    await sleep(FORCED_WINDOW_MS + 50);
    gate.contact('open');
    await poll(() => followed.forced()).toMatchObject([{ phase: 'started', relay: 'inactive', contact: 'open' }]);
    gate.contact('closed');
    await poll(() => followed.forced()).toMatchObject([{ phase: 'started' }, { phase: 'ended', contact: 'closed' }]);
    const [started, ended] = followed.forced() as { since: string }[];
    expect(ended?.since).toBe(started?.since);
    expect(followed.events('gate.state').at(-1)).toEqual({ position: 'closed', relay: 'inactive', contact: 'closed' });
  });

  test('relay and contact told in two replies, contact first, are no force', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    const { gate } = followed;
    await untilOnline(followed);
    gate.contact('open');
    await poll(() => followed.lastState()).toMatchObject({ position: 'open', relay: 'inactive' });
    gate.relay('active');
    await poll(() => followed.lastState()).toMatchObject({ position: 'open', relay: 'active' });
    gate.relay('inactive');
    gate.contact('closed');
    await poll(() => followed.lastState()).toMatchObject({ position: 'closed', relay: 'inactive' });
    await sleep(Math.max(FORCED_WINDOW_MS, FORCED_GRACE_MS) + 50);
    expect(followed.forced()).toEqual([]);

    // Without the relay it is told within two seconds, and dated when it opened.
    const openedAtMs = Date.now();
    gate.contact('open');
    await poll(() => followed.forced()).toHaveLength(1);
    expect(Date.now() - openedAtMs).toBeLessThan(2_000);
    const [{ since }] = followed.forced() as [{ since: string }];
    expect(Date.parse(since) - openedAtMs).toBeLessThan(FORCED_GRACE_MS / 2);
  });

  test('stopping while an opening waits for its verdict tells it as forced', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    followed.gate.contact('open');
    await poll(() => followed.lastState()).toMatchObject({ position: 'open' });
    expect(followed.forced()).toEqual([]);
    await followed.stop();
    expect(followed.forced()).toMatchObject([{ phase: 'started', relay: 'inactive', contact: 'open' }]);
  });

  test('stopping unsubscribes, and leaves no process', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    const pid = followed.supervisor.pid ?? 0;
    const [cmdline, environ] = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    expect(`${cmdline}${environ}`).not.toContain(SECRET);
    await followed.stop();
    expect(followed.gate.countRequests('Unsubscribe')).toBe(1);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a subscription that is lost', () => {
  test('is made anew, and what happened meanwhile is told but not judged', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    await sleep(FORCED_WINDOW_MS);
    followed.gate.dropSubscriptions();
    followed.gate.contact('open');
    await poll(() => followed.lastState()).toMatchObject({ connection: 'online', position: 'open' });
    expect(followed.gate.countRequests('CreatePullPointSubscription')).toBe(2);
    expect(followed.forced()).toEqual([]);
    const causes = followed.reports.flatMap((report) => (report.kind === 'state' ? (report.state.cause ?? []) : []));
    expect(causes).toEqual(['GATE_FAULT']);
  });

  test('a refusal in the middle is a clock that stepped: it is measured, and the gate followed again at once', async ({
    onTestFinished,
  }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    const { server } = followed.gate;
    const skewMs = 3_600_000;
    const measured = followed.gate.countRequests('GetSystemDateAndTime');
    server.answer('GetSystemDateAndTime', ({ response }) => void response.end(systemDateAndTime(Date.now() + skewMs)));
    server.answer('PullMessages', reply(fault('NotAuthorized', 'The date is out of range'), 400));
    await poll(() => followed.lastState()).toMatchObject({ connection: 'degraded', cause: 'GATE_REFUSED' });
    await poll(() => followed.gate.countRequests('GetSystemDateAndTime')).toBeGreaterThan(measured);
    await poll(() => followed.gate.countRequests('CreatePullPointSubscription')).toBe(2);
    const created = /<wsu:Created>([^<]+)/.exec(
      server.requests.findLast(({ name }) => name === 'GetServices')?.body ?? '',
    );
    expect(Math.abs(Date.parse(created?.[1] ?? '') - Date.now() - skewMs)).toBeLessThan(3000);
  });

  test('a controller that is gone is degraded, then unreachable, and its gate unknown', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    await followed.gate.close();
    await poll(() => followed.lastState()).toMatchObject({
      connection: 'unreachable',
      cause: 'GATE_UNREACHABLE',
      position: 'unknown',
    });
    const connections = followed.reports.flatMap((report) => (report.kind === 'state' ? report.state.connection : []));
    expect(connections).toContain('degraded');
  });
});

describe.concurrent('a controller that is hostile', () => {
  test('one that answers each pull at once is asked five times a second after a first burst, not more', async ({
    onTestFinished,
  }) => {
    const followed = await follow(onTestFinished, { PullMessages: reply(envelope('<PullMessagesResponse/>')) });
    await poll(() => followed.lastState()).toMatchObject({ connection: 'online' });
    const before = followed.gate.countRequests('PullMessages');
    await sleep(1000);
    const pulls = followed.gate.countRequests('PullMessages') - before;
    expect(pulls).toBeGreaterThan(1);
    // The burst of five, five in the second, and one for its edges.
    expect(pulls).toBeLessThanOrEqual(11);
  });

  test('one that refuses is not asked until its account is locked', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished, { GetServices: challengeForever });
    await poll(() => followed.lastState()).toMatchObject({ connection: 'refused', cause: 'GATE_REFUSED' });
    await sleep(600);
    expect(followed.gate.countRequests('GetServices')).toBeLessThanOrEqual(3);
  });

  const pulled = envelope(`<PullMessagesResponse>${' '.repeat(500)}</PullMessagesResponse>`);
  test.for([
    ['silent', silent, 'GATE_TIMEOUT'],
    ['without end', endless, 'GATE_REPLY_TOO_LARGE'],
    ['cut short', truncated(pulled), 'GATE_REPLY_INVALID'],
  ] as const)('one whose pulls are %s', async ([, answer, cause], { onTestFinished }) => {
    const followed = await follow(onTestFinished, { PullMessages: answer });
    await poll(() => followed.lastState()).toMatchObject({ connection: 'unreachable', cause });
  });

  test('one with two relays and none configured', async ({ onTestFinished }) => {
    const GetRelayOutputs = reply(
      envelope('<GetRelayOutputsResponse><RelayOutputs token="a"/><RelayOutputs token="b"/></GetRelayOutputsResponse>'),
    );
    const followed = await follow(onTestFinished, { GetRelayOutputs });
    await poll(() => followed.lastState()).toMatchObject({
      cause: 'GATE_RELAY_UNKNOWN',
      message: "The controller has the relays [a, b]. Configure the relay's token: relayToken.",
    });
  });
});

describe('the gate process', () => {
  test('killed, it is started again, and still knows that its gate was forced', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished);
    await untilOnline(followed);
    await sleep(FORCED_WINDOW_MS);
    followed.gate.contact('open');
    await poll(() => followed.forced()).toHaveLength(1);
    const pid = followed.supervisor.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await poll(() => followed.lastState()).toMatchObject({ connection: 'degraded', cause: 'GATE_PROCESS_ENDED' });
    await poll(() => followed.lastState()).toMatchObject({ connection: 'online', position: 'open' });
    expect(followed.supervisor.pid).not.toBe(pid);
    followed.gate.contact('closed');
    await poll(() => followed.forced()).toMatchObject([{ phase: 'started' }, { phase: 'ended' }]);
  });

  test('frozen, it is killed and started again', async ({ onTestFinished }) => {
    const followed = await follow(onTestFinished, {}, {}, 1500);
    await untilOnline(followed);
    const pid = followed.supervisor.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await poll(() => followed.supervisor.pid !== undefined && followed.supervisor.pid !== pid).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });

  test('dies with its parent, also when that is killed', async ({ onTestFinished }) => {
    const gate = await startScriptedGate();
    onTestFinished(gate.close);
    const script = fileURLToPath(new URL('../support/gate-parent.ts', import.meta.url));
    const parent = spawn(process.execPath, [script, gate.server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => void parent.kill('SIGKILL'));
    const [lines] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(lines.toString().split('\n')[0]);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await poll(() => isAlive(pid)).toBe(false);
    expect(gate.countRequests('Unsubscribe')).toBe(1);
  });
});
