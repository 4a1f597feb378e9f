import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EvidenceLock, ExportView, SignedManifest, Timeline } from '@dipper/contract/api/recording';
import { decodeLiveFrame, type PlaybackHeader, type RecordingEnd } from '@dipper/contract/uplink';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { verifyExport } from '@dipper/hub/domains/export/export-manifest';
import type { RunningHub } from '@dipper/hub/hub';
import { readFrameCounter } from '@dipper/simulator/scene/frame-counter';
import { FRAMES_PER_SEC } from '@dipper/simulator/scene/walk';
import type { Simulator } from '@dipper/simulator/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { stringify } from 'yaml';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { eventually } from '../support/eventually.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';
import { STREET_CREDENTIALS, startStreet } from '../support/street.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));
const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' };
const CAMERA = '/api/v1/devices/camera';
const [WIDTH, HEIGHT] = [1280, 720];

let ground: HubGround;
let hub: RunningHub;
let street: Simulator & { readonly ffmpegPath: string };
let edge: ChildPart;
let admin: ApiClient;
let guard: ApiClient;

/** Real hub, broker and database, a real agent that records the simulated street. */
beforeAll(async () => {
  [ground, street] = await Promise.all([startHubGround(), startStreet()]);
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  guard = await signInAs(hub.url, admin, 'guard');
  const dir = join(ground.dir, 'edge');
  mkdirSync(dir);
  writeFileSync(join(dir, 'hub.pub.jwk'), JSON.stringify(ground.hubKey()));
  writeFileSync(join(dir, 'device-password'), STREET_CREDENTIALS.password);
  const { username } = STREET_CREDENTIALS;
  const config = {
    ...ORIGIN,
    ...{ dataDir: 'data', hub: { publicKeyFile: 'hub.pub.jwk' }, media: { keyFile: 'secrets/media.key' } },
    mqtt: {
      url: ground.broker.url,
      ...{ username: ground.broker.agent(ORIGIN.agent).username, passwordEnv: 'EDGE_MQTT_PASSWORD' },
    },
    recordings: { minFreeMegabytes: 1 },
    cameras: [
      {
        ...{ id: 'camera', place: 'lanting-east-gate' },
        onvif: { url: street.addresses['onvif:camera'], username, passwordFile: 'device-password' },
        recording: { mode: 'continuous', retentionDays: 1, maxMegabytes: 500 },
      },
    ],
  };
  writeFileSync(join(dir, 'edge.yaml'), stringify(config));
  edge = await startChildPart(AGENT, ['--config', join(dir, 'edge.yaml')], {
    EDGE_MQTT_PASSWORD: ground.broker.agent(ORIGIN.agent).password,
  });
  await eventually('twelve seconds are recorded', async () => lengthMs(await timeline()) > 12_000, {
    withinMs: 90_000,
  });
}, 180_000);
afterAll(async () => {
  await edge?.stop();
  await hub?.stop();
  await Promise.all([street?.close(), ground?.stop()]);
});

const rangeAround = (): string => {
  const [from, until] = [-3_600_000, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString());
  return `from=${from}&until=${until}`;
};
const timeline = (): Promise<Timeline> => guard.get<Timeline>(`${CAMERA}/timeline?${rangeAround()}`);
const lengthMs = ({ spans }: Timeline): number =>
  spans.reduce((sum, { from, until }) => sum + Date.parse(until) - Date.parse(from), 0);

interface Played {
  readonly headers: PlaybackHeader[];
  readonly frames: { readonly kind: string; readonly atMs: number; readonly content: Uint8Array }[];
  readonly ends: RecordingEnd[];
  readonly socket: WebSocket;
  readonly closed: Promise<[number, string]>;
}

async function play(at: string, client = guard): Promise<Played> {
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}${CAMERA}/playback?at=${at}`, {
    headers: { authorization: `Bearer ${client.token}` },
  });
  const played: Played = {
    ...{ headers: [], frames: [], ends: [], socket },
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, String(reason)]))),
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) played.frames.push(decodeLiveFrame(data) ?? { kind: 'none', atMs: 0, content: data });
    else {
      const word = JSON.parse(String(data)) as PlaybackHeader | RecordingEnd;
      if (word.kind === 'end') played.ends.push(word);
      else played.headers.push(word);
    }
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return played;
}

it('plays any instant, and the counter burnt into the picture is that of the instant', async () => {
  const { spans } = await timeline();
  const fromMs = Date.parse(spans[0]?.from ?? '');
  const { devices, loopFrames } = street.estate.state;
  const counterNow = devices.find(({ id }) => id === 'camera')?.frameCounter ?? Number.NaN;
  const nowMs = Date.now();
  const offs: number[] = [];
  for (const afterMs of [2_300, 6_100, 9_700]) {
    const atMs = fromMs + afterMs;
    const played = await play(new Date(atMs).toISOString());
    await eventually('the instant has come', () => played.frames.some((frame) => frame.atMs > atMs));
    played.socket.close();
    const pictures = played.frames.filter(({ kind }) => kind !== 'init');
    expect(played.headers[0]).toMatchObject({ kind: 'playback', device: 'camera', widthPx: WIDTH, heightPx: HEIGHT });
    expect(pictures[0]).toMatchObject({ kind: 'key' });
    expect(pictures[0]?.atMs).toBeLessThanOrEqual(atMs + 1);
    const place = pictures.findLastIndex((picture) => picture.atMs <= atMs + 1);
    const rgb = await convertWithFfmpeg({
      path: street.ffmpegPath,
      args: ['-f', 'mp4', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      input: Buffer.concat(played.frames.slice(0, place + 2).map(({ content }) => content)),
      signal: AbortSignal.timeout(20_000),
    });
    const bytes = WIDTH * HEIGHT * 3;
    const counter = readFrameCounter(rgb.subarray(place * bytes, (place + 1) * bytes), WIDTH, HEIGHT) ?? Number.NaN;
    const ago = Math.round(((nowMs - atMs) / 1000) * FRAMES_PER_SEC);
    const off = (counterNow - counter - ago + 10 * loopFrames) % loopFrames;
    offs.push(off > loopFrames / 2 ? off - loopFrames : off);
  }
  // The state is asked at some time between two frames, and a busy machine adds its delay: the same for all instants.
  expect(Math.max(...offs.map(Math.abs))).toBeLessThan(FRAMES_PER_SEC);
  // Each within one frame of its instant.
  expect(Math.max(...offs) - Math.min(...offs)).toBeLessThanOrEqual(2);
}, 60_000);

it('sends ten seconds by itself, more when asked for it, and frees its place at the edge when the viewer goes', async () => {
  await eventually('fifteen seconds are recorded', async () => lengthMs(await timeline()) > 15_000, {
    withinMs: 60_000,
  });
  const from = (await timeline()).spans[0]?.from ?? '';
  const untilMs = Date.parse(from) + 10_000;
  const viewers: Played[] = [];
  for (let count = 0; count < 4; count++) viewers.push(await play(from));
  const [first] = viewers as [Played];
  const lastMs = (): number => first.frames.at(-1)?.atMs ?? 0;
  await eventually(
    'ten seconds came',
    () => lastMs() > untilMs - 3_000 && viewers.every(({ frames }) => frames.length > 0),
  );
  const fifth = await play(from);
  expect(await fifth.closed).toEqual([4503, 'PLAYBACK_LIMIT_REACHED']);
  // A group that begins before the bound comes whole, and the next one does not.
  const keys = first.frames.filter(({ kind }) => kind === 'key');
  expect(keys.every(({ atMs }) => atMs < untilMs)).toBe(true);
  first.socket.send(JSON.stringify({ kind: 'more', until: new Date(untilMs + 4_000).toISOString() }));
  await eventually('more came', () => lastMs() > untilMs + 1_000);
  for (const { socket } of viewers) socket.close();
  await eventually('there is room again', async () => {
    const again = await play(from);
    const code = await Promise.race([
      again.closed.then(([found]) => found),
      eventually('frames', () => again.frames.length > 0).then(() => 0),
    ]);
    again.socket.close();
    return code === 0;
  });
}, 90_000);

it('says what is not there, and to whom', async () => {
  const missing = await play('2020-01-01T00:00:00.000Z');
  expect(await missing.closed).toEqual([4404, 'RECORDING_MISSING']);
  const { gaps, spans, mode } = await timeline();
  expect(mode).toBe('continuous');
  expect(gaps.at(-1)?.cause).toBe('not-yet');
  expect(spans[0]?.bytes).toBeGreaterThan(10_000);
  const elsewhere = { name: 'elsewhere', displayName: 'x', password: 'staff-of-a-test', roles: ['supervisor'] };
  const scope = [{ level: 'grid', id: 'hupan-grid-1' }];
  await admin.send('POST', '/api/v1/accounts', { ...elsewhere, scope });
  const stranger = await signIn(hub.url, 'elsewhere', 'staff-of-a-test');
  expect((await stranger.send('GET', `${CAMERA}/timeline?${rangeAround()}`)).status).toBe(404);
  const refused = await play(spans[0]?.from ?? '', stranger);
  expect(await refused.closed).toEqual([4404, 'NOT_FOUND']);
}, 30_000);

it('exports a stretch as a file that plays, with a manifest that one altered byte breaks', async () => {
  const { spans } = await timeline();
  const fromMs = Date.parse(spans[0]?.from ?? '');
  const asked = {
    // A minute before anything was recorded, to five seconds into it.
    from: new Date(fromMs - 60_000).toISOString(),
    ...{ until: new Date(fromMs + 5_000).toISOString(), reason: 'asked for by the police, 17/2026' },
  };
  expect((await guard.send('POST', `${CAMERA}/exports`, asked)).status).toBe(403);
  const { id } = (await (await admin.send('POST', `${CAMERA}/exports`, asked)).json()) as ExportView;
  const other = await signInAs(hub.url, admin, 'admin');
  expect((await other.send('GET', `/api/v1/exports/${id}/video`)).status).toBe(404);
  expect((await admin.send('GET', `/api/v1/exports/${id}/manifest`)).status).toBe(409);
  const answer = await admin.send('GET', `/api/v1/exports/${id}/video`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'video/mp4']);
  const video = Buffer.from(await answer.arrayBuffer());
  const signed = await admin.get<SignedManifest>(`/api/v1/exports/${id}/manifest`);
  expect(await admin.get<ExportView>(`/api/v1/exports/${id}`)).toMatchObject({ state: 'done', bytes: video.length });

  const { manifest } = signed;
  expect(manifest.gaps).toEqual([{ from: asked.from, until: manifest.real.from, cause: 'not-recorded' }]);
  expect(manifest).toMatchObject({ device: 'camera', requestedBy: 'admin', reason: asked.reason });
  expect(Date.parse(manifest.real.until)).toBeGreaterThanOrEqual(fromMs + 5_000);
  const file = join(ground.dir, 'export.mp4');
  writeFileSync(file, video);
  const keys = [ground.hubKey()];
  expect(await verifyExport(file, signed, keys)).toEqual([]);
  const rgb = await convertWithFfmpeg({
    path: street.ffmpegPath,
    args: ['-i', file, '-vf', 'scale=8:8', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
    input: Buffer.alloc(0),
    signal: AbortSignal.timeout(20_000),
  });
  const realMs = Date.parse(manifest.real.until) - Date.parse(manifest.real.from);
  expect(Math.abs(rgb.length / 64 - (realMs / 1000) * FRAMES_PER_SEC)).toBeLessThanOrEqual(2);

  const place = Math.floor(video.length / 2);
  video[place] = (video[place] ?? 0) ^ 1;
  writeFileSync(file, video);
  expect(await verifyExport(file, signed, keys)).toMatchObject([{ code: 'PART_ALTERED' }]);
  const lied = { ...signed, manifest: { ...manifest, reason: 'another' } };
  expect(await verifyExport(file, lied, keys)).toEqual([{ code: 'MANIFEST_ALTERED' }]);

  const again = await admin.send('GET', `/api/v1/exports/${id}/video`);
  expect(((await again.json()) as { code: string }).code).toBe('EXPORT_ENDED');
  const never = { ...asked, from: '2020-01-01T00:00:00.000Z', until: '2020-01-01T00:01:00.000Z' };
  const nothing = (await (await admin.send('POST', `${CAMERA}/exports`, never)).json()) as ExportView;
  const refused = await admin.send('GET', `/api/v1/exports/${nothing.id}/video`);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([404, 'RECORDING_MISSING']);
  const long = await admin.send('POST', `${CAMERA}/exports`, { ...asked, from: '2020-01-01T00:00:00.000Z' });
  expect(((await long.json()) as { code: string }).code).toBe('EXPORT_TOO_LONG');
  const rows = await admin.list<{ action: string; target: string; outcome: string }>(
    '/api/v1/audit?action=recording.export&limit=50',
  );
  const outcomes = rows.filter(({ target }) => target === id).map(({ outcome }) => outcome);
  expect(outcomes).toEqual(['EXPORT_ENDED', 'granted', 'NOT_FOUND']);
}, 60_000);

it('keeps evidence with a reason, lets it go with another, and both are on record', async () => {
  const [span] = (await timeline()).spans;
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const lock = { from: span?.from, until: span?.until, expiresAt, reason: 'case 17' };
  expect((await guard.send('POST', `${CAMERA}/evidence-locks`, lock)).status).toBe(403);
  const answer = await admin.send('POST', `${CAMERA}/evidence-locks`, lock);
  expect(answer.status).toBe(201);
  const { id } = (await answer.json()) as EvidenceLock;
  expect((await timeline()).locks).toEqual([{ ...lock, id }]);
  const never = { ...lock, from: '2020-01-01T00:00:00.000Z', until: '2020-01-01T00:01:00.000Z' };
  const nothing = await admin.send('POST', `${CAMERA}/evidence-locks`, never);
  expect([nothing.status, ((await nothing.json()) as { code: string }).code]).toEqual([404, 'RECORDING_MISSING']);
  const release = `${CAMERA}/evidence-locks/${id}/release`;
  expect((await admin.send('POST', release, { reason: 'case 17 closed' })).status).toBe(204);
  expect((await timeline()).locks).toEqual([]);
  expect((await admin.send('POST', release, { reason: 'again' })).status).toBe(404);
  const rows = await admin.list<{ action: string; reason: string; outcome: string }>('/api/v1/audit?limit=50');
  expect(rows).toContainEqual(
    expect.objectContaining({ action: 'evidence.lock', reason: 'case 17', outcome: 'granted' }),
  );
  expect(rows).toContainEqual(expect.objectContaining({ action: 'evidence.release', reason: 'case 17 closed' }));
  expect(rows).toContainEqual(expect.objectContaining({ action: 'recording.play', target: 'camera' }));
}, 30_000);
