import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DeviceView } from '@dipper/contract/api/inventory';
import { LIVE_FRAME, PLAYBACK_MAX_AHEAD_MS, type PlaybackHeader, type RecordingEnd } from '@dipper/contract/uplink';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { stringify } from 'yaml';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ChildPart, startChildPart } from '../support/child-part.ts';
import { BARS, type CountingCamera, renderFilm, startCountingCamera } from '../support/counting-camera.ts';
import { eventually } from '../support/eventually.ts';
import { type OpenPage, openPage, WIDE } from '../support/page/browser.ts';
import { type ConsoleGround, enterAs, startConsoleGround } from '../support/page/console-ground.ts';
import { type PictureLog, watchPicture } from '../support/page/watch-picture.ts';
import { processesWith } from '../support/processes.ts';
import { ADMIN_PASSWORD } from '../support/running-hub.ts';

const AGENT = fileURLToPath(new URL('../../edge/agent/main.ts', import.meta.url));
const ORIGIN = { estate: 'lanting', agent: 'lanting-edge-1' };
/** By this variable the children of the agent are found. */
const MARK = 'DIPPER_TEST_LIVE';
const mark = crypto.randomUUID();

const FRAMES_PER_SEC = 25;
/** A group of four seconds. */
const GROUP_FRAMES = 100;
const LOOP_FRAMES = 200;
/** Whoever plays from the last key frame on instead of catching up is two seconds behind on average; a busy machine is not. */
const NOW_MS = 1_800;

let console_: ConsoleGround;
let cameras: { readonly h264: CountingCamera; readonly h265: CountingCamera };
let edge: ChildPart;
let admin: ApiClient;

/** A real hub, a real agent and a real browser, and two cameras of which one films H.265, which Debian's Chromium does not play. */
beforeAll(async () => {
  const film = { groupFrames: GROUP_FRAMES, loopFrames: LOOP_FRAMES, framesPerSec: FRAMES_PER_SEC };
  const [ground, h264, h265] = await Promise.all([
    startConsoleGround(),
    startCountingCamera({ ...film, codec: 'h264' }),
    startCountingCamera({ ...film, codec: 'h265' }),
  ]);
  console_ = ground;
  cameras = { h264, h265 };
  const { dir, broker, hubKey } = ground.ground;
  mkdirSync(join(dir, 'edge'));
  const file = (name: string): string => join(dir, 'edge', name);
  writeFileSync(file('hub.pub.jwk'), JSON.stringify(hubKey()));
  writeFileSync(file('device-password'), h264.login.password);
  const config = {
    ...ORIGIN,
    ...{ dataDir: 'data', hub: { publicKeyFile: 'hub.pub.jwk' }, media: { keyFile: 'secrets/media.key' } },
    mqtt: { url: broker.url, username: broker.agent(ORIGIN.agent).username, passwordEnv: 'EDGE_MQTT_PASSWORD' },
    recordings: { minFreeMegabytes: 1 },
    cameras: Object.entries(cameras).map(([id, camera]) => ({
      ...{ id, place: 'lanting-main-gate', events: false },
      onvif: { url: 'http://127.0.0.1:1/', username: camera.login.username, passwordFile: 'device-password' },
      streams: { main: { url: camera.url }, sub: { url: camera.url } },
      recording: { mode: 'continuous', retentionDays: 1, maxMegabytes: 100 },
    })),
  };
  writeFileSync(file('edge.yaml'), stringify(config));
  edge = await startChildPart(AGENT, ['--config', file('edge.yaml')], {
    EDGE_MQTT_PASSWORD: broker.agent(ORIGIN.agent).password,
    [MARK]: mark,
  });
  admin = await signIn(ground.hub.url, 'admin', ADMIN_PASSWORD);
  await eventually(
    'both cameras are online',
    async () => {
      const devices = await admin.list<DeviceView>('/api/v1/devices');
      return Object.keys(cameras).every(
        (id) => devices.find((device) => device.id === id)?.state?.connection === 'online',
      );
    },
    { withinMs: 60_000, everyMs: 250 },
  );
}, 120_000);
afterAll(async () => {
  await edge?.stop();
  await Promise.all([cameras?.h264[Symbol.asyncDispose](), cameras?.h265[Symbol.asyncDispose]()]);
  await console_?.stop();
});

/** @param before what the page runs before its own scripts */
async function openCamera(
  id: keyof typeof cameras,
  before = '',
): Promise<OpenPage & { readonly log: () => Promise<PictureLog> }> {
  const opened = await openPage(console_.browser, console_.hub.url, WIDE);
  await opened.page.addInitScript(before);
  const log = await watchPicture(opened.page);
  await opened.page.goto(`${console_.hub.url}/devices/${id}`);
  await enterAs(opened.page);
  return { ...opened, log };
}

/** How old the picture was when the page showed it, of the last second, the freshest: the machine may be busy for a moment. */
function ageMs({ seen }: PictureLog, camera: CountingCamera): number {
  const ages = seen.slice(-FRAMES_PER_SEC).flatMap(({ number, atMs }) => {
    const sentAtMs = camera.sentAtMs(number);
    return sentAtMs === undefined || sentAtMs > atMs ? [] : [atMs - sentAtMs];
  });
  return Math.min(...ages);
}

/** The number in a still of the H.264 camera. */
async function numberIn(jpeg: Buffer): Promise<number> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([640, 360]);
  const row = Math.floor(info.height / 10) * info.width;
  const bits = Array.from(
    { length: BARS },
    (_, bar) => (data[row + Math.floor(((bar + 0.5) * info.width) / BARS)] ?? 0) > 127,
  );
  return bits.reduce((number, bit, bar) => number + (bit ? 2 ** bar : 0), 0);
}

const muxers = () => processesWith(MARK, mark).filter(({ command }) => command.includes('mpeg1video'));
const uplinks = async (): Promise<number> => {
  const metrics = await (await fetch(`${console_.hub.url}/metrics`)).text();
  return Number(/^dipper_hub_live_uplinks (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
};

/** A browser lets pages decode that came over TLS or from the machine itself; others have the media element. */
it.each([
  ['decoded by the page', '', 'canvas'],
  ['played by the browser', 'delete globalThis.VideoDecoder', 'video'],
])(
  'shows what happens now, not what happened since the last key frame of four seconds: %s',
  async (_, script, surface) => {
    const { page, context, complaints, log } = await openCamera('h264', script);
    await page.waitForSelector('figure[data-state="live"]', { timeout: 30_000 });
    await eventually('the page shows what is filmed now', async () => ageMs(await log(), cameras.h264) < NOW_MS, {
      withinMs: 60_000,
    });
    expect(await page.locator(`figure ${surface}`).isVisible()).toBe(true);
    expect(cameras.h264.sessions(), 'one session for the page, the recorder and whoever analyses').toBe(1);
    await eventually('one uplink', async () => (await uplinks()) === 1);

    // What is kept is what was on the screen, at the camera's own size, and on record.
    const before = (await log()).seen.length;
    const [kept] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '抓图', exact: true }).click(),
    ]);
    const shown = (await log()).seen.slice(before - 1).map(({ number }) => number);
    expect(shown).toContain(await numberIn(await readFile(await kept.path())));
    const [row] = await admin.list<object>('/api/v1/audit?action=snapshot.take&target=h264');
    expect(row).toMatchObject({ account: 'admin', outcome: 'granted' });
    expect(complaints).toEqual([]);
    await context.close();
  },
  120_000,
);

it('shows H.265 as MPEG-1 where the browser does not play it, over one uplink for all who watch, and stops with them', async () => {
  const [first, second] = [await openCamera('h265'), await openCamera('h265')];
  for (const { page, log } of [first, second]) {
    await page.waitForSelector('figure[data-state="live"]', { timeout: 30_000 });
    await page.locator('figure canvas').waitFor();
    await eventually('the page shows what is filmed now', async () => ageMs(await log(), cameras.h265) < NOW_MS, {
      withinMs: 60_000,
    });
  }
  expect(muxers()).toHaveLength(1);
  await eventually('one uplink', async () => (await uplinks()) === 1);
  expect([...first.complaints, ...second.complaints]).toEqual([]);
  // The other goes on when one leaves.
  await first.context.close();
  const before = (await second.log()).seen.length;
  await eventually('the other sees more', async () => (await second.log()).seen.length >= before + FRAMES_PER_SEC);
  await second.context.close();
  await eventually('nobody watches', async () => (await uplinks()) === 0 && muxers().length === 0, {
    withinMs: 60_000,
  });
  expect(cameras.h265.sessions(), 'it is recorded all the same').toBe(1);
}, 240_000);

/** Sizes and codecs of what is recorded of a camera from an instant on, one after another, over all gaps. */
async function recordedSince(id: keyof typeof cameras, at: string): Promise<string[]> {
  const kinds: string[] = [];
  for (let from: string | null = at; from !== null; ) {
    const socket = new WebSocket(
      `${console_.hub.url.replace('http', 'ws')}/api/v1/devices/${id}/playback?at=${encodeURIComponent(from)}`,
      { headers: { authorization: `Bearer ${admin.token}` } },
    );
    let end: RecordingEnd | undefined;
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        const until = new Date(Date.now() + PLAYBACK_MAX_AHEAD_MS).toISOString();
        if (data[0] === LIVE_FRAME.key) socket.send(JSON.stringify({ kind: 'more', until }));
        return;
      }
      const message = JSON.parse(String(data)) as PlaybackHeader | RecordingEnd;
      if (message.kind === 'end') end = message;
      else kinds.push(`${/"(\w+)/.exec(message.mime)?.[1]} ${message.widthPx}×${message.heightPx}`);
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    from = end?.nextAt ?? null;
  }
  return kinds;
}

it('goes on by itself when the camera is set to another size, and when it comes back with another codec; so does the recording', async () => {
  const camera = cameras.h264;
  const film = { groupFrames: FRAMES_PER_SEC, loopFrames: LOOP_FRAMES, framesPerSec: FRAMES_PER_SEC };
  const small = { ...film, widthPx: 320, heightPx: 192 };
  const [resized, recoded] = await Promise.all([
    renderFilm({ ...small, codec: 'h264' }),
    renderFilm({ ...small, codec: 'h265' }),
  ]);
  const { page, context, complaints, log } = await openCamera('h264');
  await page.waitForSelector('figure[data-state="live"]', { timeout: 30_000 });
  const sees = (what: string, widthPx: number) =>
    eventually(
      what,
      async () => {
        const width = await page.evaluate("document.querySelector('figure canvas').width");
        return width === widthPx && ageMs(await log(), camera) < NOW_MS;
      },
      { withinMs: 60_000 },
    );
  const told = (streams: string) =>
    eventually(
      `the device says ${streams}`,
      async () => {
        const { state } = await admin.get<DeviceView>('/api/v1/devices/h264');
        return state?.kind === 'camera' && state.connection === 'online' && state.streams?.main === streams;
      },
      { withinMs: 60_000 },
    );
  await sees('the camera as it was', 640);
  const at = new Date().toISOString();
  camera.change(resized, 'within-sessions');
  await sees('the smaller picture', 320);
  await told('H.264 320×192');
  camera.change(recoded, 'after-hanging-up');
  await told('H.265 320×192');
  await eventually('MPEG-1 is made of it', () => muxers().length === 1, { withinMs: 60_000 });
  await sees('the other codec', 320);
  expect(complaints).toEqual([]);
  await context.close();
  expect(camera.sessions(), 'one session for the page, the recorder and whoever analyses').toBe(1);
  await eventually(
    'all of it is recorded',
    async () => {
      const kinds = await recordedSince('h264', at);
      return (
        kinds.filter((kind, place) => kind !== kinds[place - 1]).join(', ') ===
        'avc1 640×360, avc1 320×192, hvc1 320×192'
      );
    },
    { withinMs: 60_000, everyMs: 1_000 },
  );
}, 240_000);
