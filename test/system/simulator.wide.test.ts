import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestResponse, parseDigestHeader } from '@dipper/simulator/auth/digest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { decodeFrames, viewStream } from '../support/rtsp-viewer.ts';
import { STREET_CACHE, STREET_CREDENTIALS, startStreet } from '../support/street.ts';

const run = promisify(execFile);
const { username, password } = STREET_CREDENTIALS;

let street: Awaited<ReturnType<typeof startStreet>>;
const url = (stream: string) => `${street.addresses['rtsp']}/camera/${stream}`;
const decode = async (frames: number) =>
  decodeFrames(await viewStream({ url: url('main'), ...STREET_CREDENTIALS, frames }), {
    widthPx: 1_280,
    heightPx: 720,
    ffmpegPath: street.ffmpegPath,
  });

beforeAll(async () => {
  street = await startStreet();
}, 180_000);
afterAll(() => street.close());

test('ffprobe sees both streams', async () => {
  const probe = async (stream: string) => {
    const source = url(stream).replace('//', `//${username}:${encodeURIComponent(password)}@`);
    const args = ['-v', 'warning', '-rtsp_transport', 'tcp', '-of', 'json', '-show_streams', source];
    const { stdout, stderr } = await run('ffprobe', args, { timeout: 20_000 });
    expect(stderr).toBe('');
    return JSON.parse(stdout).streams;
  };
  expect(await probe('main')).toMatchObject([{ codec_name: 'h264', width: 1_280, height: 720, r_frame_rate: '15/1' }]);
  expect(await probe('sub')).toMatchObject([{ codec_name: 'h264', width: 640, height: 360, r_frame_rate: '15/1' }]);
});

/** Debian's own Python has GStreamer's bindings (python3-gi). */
test('GStreamer plays and decodes it', async () => {
  const script = `
import sys, gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst
Gst.init(None)
p = Gst.parse_launch('rtspsrc name=s protocols=tcp ! rtph264depay ! h264parse ! openh264dec ! identity eos-after=30 ! fakesink')
s = p.get_by_name('s')
s.set_property('location', sys.argv[1]); s.set_property('user-id', sys.argv[2]); s.set_property('user-pw', sys.argv[3])
p.set_state(Gst.State.PLAYING)
m = p.get_bus().timed_pop_filtered(20 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
print('timeout' if m is None else 'played' if m.type == Gst.MessageType.EOS else m.parse_error())
p.set_state(Gst.State.NULL)
`;
  const { stdout } = await run('/usr/bin/python3', ['-c', script, url('sub'), username, password], { timeout: 40_000 });
  expect(stdout.trim()).toBe('played');
});

/**
 * What onvif-util says of simulated devices: who is there (`-a`), and what it reads from the one that answers first. It finds
 * devices by multicast only, so it runs with the simulator in a network that has nothing but the loopback.
 */
async function onvifUtil(devices: readonly object[], commands: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dipper-onvif-util-'));
  try {
    const config = { rtspPort: 8_554, controlPort: 8_550, discovery: true, devices };
    await writeFile(join(folder, 'simulator.yaml'), JSON.stringify(config));
    const script = `
ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo src 127.0.0.1
"$NODE" services/simulator/main.ts --config "$FOLDER/simulator.yaml" --data "$CACHE" >"$FOLDER/log" & simulator=$!
for i in $(seq 100); do grep -q 'estate is ready' "$FOLDER/log" && break; sleep 0.2; done
# It listens for two seconds, which a busy machine may spend on something else.
for i in 1 2 3 4 5; do timeout 20 onvif-util -a >"$FOLDER/found"; [ $(grep -c '^127.0.0.1' "$FOLDER/found") = "$COUNT" ] && break; done
cat "$FOLDER/found"
printf '${[...commands, 'quit'].join('\\n')}\\n' | timeout 20 onvif-util -u "$USERNAME" -p "$PASSWORD" 127.0.0.1
kill $simulator; wait $simulator`;
    const { stdout } = await run('unshare', ['--user', '--map-root-user', '--net', 'bash', '-c', script], {
      timeout: 60_000,
      env: {
        ...process.env,
        NODE: process.execPath,
        FOLDER: folder,
        CACHE: STREET_CACHE,
        COUNT: String(devices.length),
        USERNAME: username,
        PASSWORD: password,
      },
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('onvif-util finds the camera and reads it', async () => {
  const device = { id: 'camera', kind: 'camera', httpPort: 8_551, username, password };
  const said = await onvifUtil([device], ['get rtsp', 'get time', 'get profiles', 'get video', 'get video options']);
  expect(said).toContain('serial: SIM-camera');
  expect(said).toContain('rtsp://127.0.0.1:8554/camera/main');
  expect(said).toContain('Token 1: profile-sub');
  expect(said).toMatch(/Resolution: 1280 x 720/);
  expect(said).not.toContain('ERROR');
});

test('onvif-util finds a barrier and a door, logs in, and reads the clock and where events are', async () => {
  const login = { username, password };
  const said = await onvifUtil(
    [
      { id: 'barrier', kind: 'barrier', httpPort: 8_551, ...login, loops: true },
      { id: 'door', kind: 'door', httpPort: 8_552, ...login, reader: true },
    ],
    ['get time', 'get capabilities'],
  );
  expect(said).toContain('barrier Street Barrier');
  expect(said).toContain('door Street Door');
  expect(said).toMatch(/serial: SIM-(barrier|door)/);
  expect(said).toMatch(/Time Offset: -?\d seconds/);
  expect(said).toMatch(/event_service: +POST \/onvif\/event_service/);
  expect(said).not.toContain('ERROR');
});

test('who does not read is cut off, and others go on', async () => {
  const socket = connect(Number(new URL(url('main')).port), '127.0.0.1');
  socket.on('error', () => {});
  await readyToPlay(socket);
  socket.pause();
  const openMain = () => street.estate.state.devices[0]?.streams?.[0]?.open;
  await eventually('it plays', () => openMain() === 1);
  // The kernel buffers some megabytes before anything waits here.
  await eventually('it is cut off', () => openMain() === 0, { withinMs: 60_000 });
  expect((await decode(5)).length).toBe(5);
});

test('frozen behind its clock, the counter goes on and the rest stands still', async () => {
  await street.estate.setFault('camera', 'freeze-behind-clock');
  const frames = await decode(20);
  await street.estate.clearFault('camera', 'freeze-behind-clock');
  expect(new Set(frames.map(({ counter }) => counter)).size).toBe(20);
  expect(meanDifference(frames[18]?.rgb, frames[19]?.rgb)).toBeLessThan(0.1);
});

test('a still street is noisy, and a covered lens dark', async () => {
  await street.estate.showScene('still');
  // More than a group: how much of the noise an encoder keeps differs from frame to frame.
  const still = await decode(32);
  const differences = still.slice(1).map(({ rgb }, index) => meanDifference(still[index]?.rgb, rgb));
  expect(Math.max(...differences)).toBeGreaterThan(0.4);
  // An encoder short of bits repeats a picture now and then: most pairs differ, not every one.
  expect(differences.filter((difference) => difference > 0).length).toBeGreaterThan(differences.length / 2);
  await street.estate.setFault('camera', 'cover');
  const [covered] = await decode(1);
  await street.estate.clearFault('camera', 'cover');
  await street.estate.showScene('people');
  expect(brightness(still[3]?.rgb)).toBeGreaterThan(70);
  expect(brightness(covered?.rgb)).toBeLessThan(40);
});

/** DESCRIBE, SETUP and PLAY in one write: the server answers in order. */
async function readyToPlay(socket: ReturnType<typeof connect>): Promise<void> {
  const target = url('main');
  socket.write(`DESCRIBE ${target} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
  const challenge = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
  const nonce = parseDigestHeader(/WWW-Authenticate: (.*)/.exec(challenge)?.[1])?.['nonce'] ?? '';
  for (const [method, headers] of [
    ['SETUP', 'Transport: RTP/AVP/TCP;interleaved=0-1\r\n'],
    ['PLAY', ''],
  ] as const) {
    const response = digestResponse({ username, password, realm: 'dipper-simulator', nonce, method, uri: target });
    const digest = `Digest username="${username}", realm="dipper-simulator", nonce="${nonce}", uri="${target}", response="${response}"`;
    socket.write(`${method} ${target} RTSP/1.0\r\nCSeq: 2\r\nAuthorization: ${digest}\r\n${headers}\r\n`);
  }
}

function brightness(rgb: Buffer | undefined): number {
  return (rgb?.reduce((sum, value) => sum + value, 0) ?? Number.NaN) / (rgb?.length ?? 1);
}

/** Mean absolute difference of two pictures below the counter, in steps of 255. */
function meanDifference(one: Buffer | undefined, other: Buffer | undefined): number {
  if (one === undefined || other === undefined) return Number.NaN;
  let sum = 0;
  const start = Math.floor(one.length / 8);
  for (let index = start; index < one.length; index++) sum += Math.abs((one[index] ?? 0) - (other[index] ?? 0));
  return sum / (one.length - start);
}
