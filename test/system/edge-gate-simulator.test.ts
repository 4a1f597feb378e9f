import { setTimeout as sleep } from 'node:timers/promises';
import type { GateReport } from '@dipper/edge/access/gate-messages';
import { createSoapClient } from '@dipper/edge/access/soap-client';
import { createGateSupervisor } from '@dipper/edge/agent/gate/gate-supervisor';
import { createSimulator, type Simulator } from '@dipper/simulator/simulator';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

const credentials = { username: 'operator', password: 'p%40:/?#' };
const FORCED_WINDOW_MS = 500;

const owner = new AbortController();
const reports: GateReport[] = [];
let simulator: Simulator;
let done: Promise<void>;
let logLevel: string | undefined;

beforeAll(async () => {
  logLevel = process.env['LOG_LEVEL'];
  process.env['LOG_LEVEL'] = 'silent';
  simulator = await createSimulator(
    {
      host: '127.0.0.1',
      rtspPort: 0,
      controlPort: 0,
      scene: 'empty',
      discovery: false,
      timeline: [],
      devices: [
        {
          id: 'barrier',
          kind: 'barrier',
          httpPort: 0,
          ...credentials,
          travelMs: 150,
          holdOpenMs: 150,
          relayPulseMs: 100,
        },
      ],
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log: pino({ enabled: false }) },
  );
  const url = simulator.addresses['onvif:barrier'] ?? '';
  const supervisor = createGateSupervisor({
    gates: [{ device: 'barrier', url, ...credentials, forcedWindowMs: FORCED_WINDOW_MS, offlineAfterMs: 300 }],
    onReport: (report) => void reports.push(report),
    signal: owner.signal,
    log: pino({ enabled: false }),
  });
  done = supervisor.done;
});
afterAll(async () => {
  owner.abort();
  await done;
  await simulator.close();
  if (logLevel === undefined) delete process.env['LOG_LEVEL'];
  else process.env['LOG_LEVEL'] = logLevel;
});

const lastState = () => reports.flatMap((report) => (report.kind === 'state' ? report.state : [])).at(-1);
/** After the end that an agent tells of each gate it first sees closed. */
const forced = () =>
  reports
    .flatMap((report) =>
      report.kind === 'event' && report.event.type === 'gate.forced' ? report.event.data.phase : [],
    )
    .slice(1);
const positions = () =>
  reports.flatMap((report) =>
    report.kind === 'event' && report.event.type === 'gate.state' ? report.event.data.position : [],
  );
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

async function pulseRelay(): Promise<void> {
  const url = new URL('/onvif/deviceio_service', simulator.addresses['onvif:barrier']);
  const send = createSoapClient({ credentials, deviceNowMs: () => Date.now() });
  await send({
    url,
    action: 'http://www.onvif.org/ver10/deviceIO/wsdl/SetRelayOutputState',
    body: '<SetRelayOutputState xmlns="http://www.onvif.org/ver10/deviceIO/wsdl"><RelayOutputToken>relay-open</RelayOutputToken><LogicalState>active</LogicalState></SetRelayOutputState>',
    timeoutMs: 2000,
    signal: owner.signal,
  });
}

test('the simulated barrier: opened by its relay, by force, without power, with a clock that steps', async () => {
  await poll(lastState).toMatchObject({ connection: 'online', position: 'closed' });

  await pulseRelay();
  // It tells its contact before its relay, in one reply: that is no forced opening either.
  await poll(positions).toEqual(['unknown', 'closed', 'open', 'open', 'open', 'closed']);
  expect(forced()).toEqual([]);

  await sleep(FORCED_WINDOW_MS + 100);
  simulator.estate.force('barrier');
  await poll(forced).toEqual(['started']);
  simulator.estate.closeBarrier('barrier');
  await poll(forced).toEqual(['started', 'ended']);

  // It comes back with its clock an hour ahead: credentials dated by ours would be refused.
  await simulator.estate.setFault('barrier', 'clock-offset', { seconds: 3600 });
  await simulator.estate.setFault('barrier', 'unplug');
  await poll(lastState).toMatchObject({ connection: 'unreachable', cause: 'GATE_UNREACHABLE', position: 'unknown' });
  await simulator.estate.clearFault('barrier', 'unplug');
  await poll(lastState).toMatchObject({ connection: 'online', position: 'closed' });
  simulator.estate.force('barrier');
  await poll(forced).toEqual(['started', 'ended', 'started']);
});
