import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EdgeConfig, readEdgeConfig } from '@dipper/edge/agent/config/read-config';
import { configFor } from '@dipper/edge/agent/probe/config-for';
import { runProbe } from '@dipper/edge/agent/probe/main';
import { printReport } from '@dipper/edge/agent/probe/print-report';
import { probeDevice } from '@dipper/edge/onvif/probe';
import { createSimulator } from '@dipper/simulator/simulator';
import { pino } from 'pino';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import {
  envelope,
  fault,
  htmlErrorPage,
  profile,
  profiles,
  reply,
  services,
  startHostileSoapServer,
} from '../support/hostile-soap-server.ts';
import { startSimulatedOnvifCamera } from '../support/simulated-onvif-camera.ts';
import { startTurningCamera } from '../support/turning-camera.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const credentials = { username: 'operator', password: 'p%40:/?#' };

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanup.splice(0).toReversed()) await close();
});

function probeCommand(
  ...args: string[]
): Promise<{ code: number | string | null | undefined; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['edge/agent/main.ts', 'probe', ...args], { cwd: ROOT }, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
  });
}

function passwordFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dipper-probe-'));
  cleanup.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'password');
  writeFileSync(path, `${credentials.password}\n`);
  return path;
}

const probe = (url: string, timeoutMs = 5_000, login = credentials) =>
  probeDevice({ url, credentials: login, timeoutMs, signal: new AbortController().signal });

test('the command tells what a camera can do, and a configuration that the agent takes; never the password', async () => {
  const camera = await startSimulatedOnvifCamera(credentials);
  cleanup.push(camera.close);
  camera.device.setFault({ name: 'clock-offset', seconds: 3600 });
  const { code, out, err } = await probeCommand(
    camera.url,
    '--username',
    'operator',
    '--password-file',
    passwordFile(),
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('Simulator Street');
  expect(out).toMatch(/clock +\+(3599|36\d\d)\.\d s ±/);
  expect(out).toContain('main stream    profile-main  rtsp://127.0.0.1:8554/camera/main');
  expect(out).toContain('RuleEngine/CellMotionDetector/Motion  (told)');
  expect(out).toContain('CLOCK_OFF (clock)');
  expect(out).not.toContain(credentials.password);
  expect(taken(out.slice(out.indexOf('cameras:'))).cameras[0]).toMatchObject({
    onvif: { url: camera.url, ...credentials },
    streams: { main: { profile: 'profile-main' }, sub: { profile: 'profile-sub' } },
  });
});

test('a camera that turns: its drive, how far and for how long it turns, the places it knows', async () => {
  const camera = await startTurningCamera('dome');
  cleanup.push(camera.close);
  camera.drive.setPreset('东门');
  const { url, ...login } = camera.onvif;
  const report = await probe(url, 5_000, login);
  expect(report.findings).toEqual([]);
  const text = printReport(report, configFor(report, { credentials: login, passwordKey: { passwordEnv: 'SECRET' } }));
  expect(text).toContain('PTZ            profile profile-main, tells position and movement while it turns');
  expect(text).toContain('node ptz-node: pan -1 to 1, tilt -1 to 1, zoom -1 to 1, 8 presets at most');
  expect(text).toContain('turns by itself for 1 to 10 s');
  expect(text).toContain('presets        东门 (preset-1)');
  expect(taken(text.slice(text.indexOf('cameras:')), { SECRET: 'x' }).cameras).toHaveLength(1);
  expect(camera.drive.moves).toEqual([]);
});

test('what a drive tells wrongly, or not at all, is named', async () => {
  const server = await startHostileSoapServer();
  cleanup.push(server.close);
  const ptz = `<tds:Service><tds:Namespace>http://www.onvif.org/ver20/ptz/wsdl</tds:Namespace><tds:XAddr>${server.url}</tds:XAddr></tds:Service>`;
  server.answer('GetServices', ({ response, origin }) => void response.end(services(origin, ptz)));
  const codes = async () =>
    (await probe(server.url)).findings.filter(({ about }) => about === 'PTZ').map(({ code }) => code);
  expect(await codes()).toEqual(['PTZ_WITHOUT_DRIVE']);

  const drive =
    '<tt:PTZConfiguration token="drive-1"><tt:NodeToken>another</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>';
  const fixed = profile('main', 'lens', 1920, 1080);
  server.answer('GetProfiles', reply(profiles(fixed.replace('</trt:Profiles>', drive))));
  server.answer('GetNodes', reply(envelope('<GetNodesResponse><PTZNode token="node"/></GetNodesResponse>')));
  const zero = '<PTZTimeout><Min>PT0S</Min><Max>PT0S</Max></PTZTimeout>';
  server.answer(
    'GetConfigurationOptions',
    reply(
      envelope(
        `<GetConfigurationOptionsResponse><PTZConfigurationOptions>${zero}</PTZConfigurationOptions></GetConfigurationOptionsResponse>`,
      ),
    ),
  );
  server.answer('GetStatus', reply(envelope('<GetStatusResponse><PTZStatus/></GetStatusResponse>')));
  const presets = '<Preset token="1"/><Preset token="1"/>';
  server.answer('GetPresets', reply(envelope(`<GetPresetsResponse>${presets}</GetPresetsResponse>`)));
  expect(await codes()).toEqual([
    'PTZ_NODE_UNKNOWN',
    'PTZ_TIMEOUT_NOT_TOLD',
    'PTZ_STATUS_NOT_TOLD',
    'PTZ_PRESET_TWICE',
  ]);
});

test("the configuration for a gate's controller is taken as it is printed", async () => {
  const owner = new AbortController();
  const barrier = { id: 'barrier', kind: 'barrier', httpPort: 0, ...credentials } as const;
  const street = await createSimulator(
    {
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'empty', discovery: false, timeline: [] },
      devices: [barrier],
    },
    // Without a camera nothing is rendered, so neither folder nor ffmpeg is touched.
    { dataFolder: '', ffmpeg: { path: '', version: '' }, signal: owner.signal, log: pino({ enabled: false }) },
  );
  cleanup.push(street.close);
  const report = await probe(street.addresses['onvif:barrier'] ?? '');
  const printed = configFor(report, { credentials, passwordKey: { passwordEnv: 'SECRET' } }) ?? '';
  expect(taken(printed, { SECRET: 'x' }).gates).toMatchObject([{ failMode: 'fail-safe', username: 'operator' }]);
});

/** What the agent makes of the printed section, as it is, in a file with what every agent has. @throws ConfigInvalidError */
function taken(section: string, env: NodeJS.ProcessEnv = {}): EdgeConfig {
  const folder = mkdtempSync(join(tmpdir(), 'dipper-probed-'));
  cleanup.push(() => rmSync(folder, { recursive: true }));
  const base = [
    'estate: lanting\nagent: lanting-edge-1\ndataDir: data\nhub: { publicKeyFile: hub.jwk }',
    'mqtt: { url: "mqtt://127.0.0.1" }\nmedia: { keyFile: media.key }\n',
  ].join('\n');
  const path = join(folder, 'edge.yaml');
  writeFileSync(path, base + section);
  return readEdgeConfig(path, env);
}

test('nobody there and a command line that cannot be used are told apart', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  const run = (...args: string[]) => runProbe(args, {}, new AbortController().signal);
  expect(await run('http://127.0.0.1:1')).toBe(1);
  expect(said.mock.lastCall?.[0]).toMatch(/^ONVIF_UNREACHABLE: .*Check the address/);
  for (const args of [[], ['http://operator:secret-word@127.0.0.1:1/'], ['127.0.0.1', '--username', 'operator']]) {
    expect(await run(...args)).toBe(2);
    expect(said.mock.lastCall?.[0]).toContain('Usage: npm run edge -- probe');
    expect(said.mock.lastCall?.[0]).not.toContain('secret-word');
  }
});

test('what a device answers wrongly is named, and the rest is asked all the same', async () => {
  const server = await startHostileSoapServer();
  cleanup.push(server.close);
  const events = `<tds:Service><tds:Namespace>http://www.onvif.org/ver10/events/wsdl</tds:Namespace><tds:XAddr>http://192.0.2.9/onvif/events</tds:XAddr></tds:Service>`;
  server.answer('GetServices', ({ response, origin }) => void response.end(services(origin, events)));
  server.answer('GetSnapshotUri', reply(fault('Action', 'out of memory'), 500));
  server.answer('CreatePullPointSubscription', htmlErrorPage);
  const report = await probe(server.url);
  const codes = report.findings.map(({ about, code }) => `${about}: ${code}`);
  expect(codes).toEqual([
    'service events: ADDRESS_ELSEWHERE',
    'snapshot: ONVIF_FAULT',
    'event topics: ONVIF_NOT_SUPPORTED',
    'events: ONVIF_REPLY_INVALID',
  ]);
  expect(report.profiles).toHaveLength(2);
  expect(server.requests.at(-1)?.path).toBe('/onvif/device_service');
});

test('what is no ONVIF device is told as such, whatever it answers', async () => {
  const server = await startHostileSoapServer({ GetSystemDateAndTime: htmlErrorPage });
  cleanup.push(server.close);
  await expect(probe(server.url)).rejects.toMatchObject({ code: 'ONVIF_REPLY_INVALID' });
  const bomb = envelope('&lol9;').replace('<s:Envelope', '<!DOCTYPE lolz [<!ENTITY lol "lol">]><s:Envelope');
  server.answer('GetSystemDateAndTime', reply(bomb));
  await expect(probe(server.url)).rejects.toMatchObject({ code: 'ONVIF_REPLY_INVALID' });
});
