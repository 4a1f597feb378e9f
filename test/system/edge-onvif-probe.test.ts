import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CameraSection } from '@dipper/edge/agent/config/config-schema';
import { runProbe } from '@dipper/edge/agent/probe/main';
import { probeDevice } from '@dipper/edge/onvif/probe';
import { Check } from 'typebox/value';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import {
  envelope,
  fault,
  htmlErrorPage,
  reply,
  services,
  startHostileSoapServer,
} from '../support/hostile-soap-server.ts';
import { startSimulatedOnvifCamera } from '../support/simulated-onvif-camera.ts';

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

const probe = (url: string, timeoutMs = 5_000) =>
  probeDevice({ url, credentials, timeoutMs, signal: new AbortController().signal });

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
  const config = parse(out.slice(out.indexOf('cameras:')));
  expect(Check(CameraSection, config.cameras[0])).toBe(true);
  expect(config.cameras[0]).toMatchObject({
    onvif: { url: camera.url, username: 'operator' },
    streams: { main: { profile: 'profile-main' }, sub: { profile: 'profile-sub' } },
  });
});

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
