import { chooseStreams } from '@dipper/edge/onvif/choose-streams';
import { createOnvifDevice, type OnvifDevice } from '@dipper/edge/onvif/device';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatedOnvifCamera, startSimulatedOnvifCamera } from '../support/simulated-onvif-camera.ts';

// The simulator checks what strict devices check: dates within five seconds, digests, nonces used once.
const credentials = { username: '值班员', password: 'p%40:/?#"<&密码' };

let camera: SimulatedOnvifCamera;
let device: OnvifDevice;

beforeEach(async () => {
  camera = await startSimulatedOnvifCamera(credentials);
  device = createOnvifDevice({ url: camera.url, ...credentials, timeoutMs: 2000 });
});
afterEach(async () => {
  await device.close();
  await camera.close();
});

test('a camera tells what it is, and which streams it has', async () => {
  await expect(device.information()).resolves.toMatchObject({
    manufacturer: 'Simulator',
    model: 'Street',
    firmware: '1.10',
    serialNumber: '00042',
  });
  const { main, sub, problems } = chooseStreams(await device.profiles());
  expect(problems).toEqual([]);
  expect(main).toMatchObject({ encoding: 'H264', widthPx: 1280, heightPx: 720 });
  expect(sub).toMatchObject({ encoding: 'H264', widthPx: 640, heightPx: 360 });
  await expect(device.streamUri(main?.token ?? '')).resolves.toBe('rtsp://127.0.0.1:8554/camera/main');
  await expect(device.streamUri(sub?.token ?? '')).resolves.toBe('rtsp://127.0.0.1:8554/camera/sub');
  await expect(device.snapshotUri(main?.token ?? '')).resolves.toBe(new URL('/onvif/snapshot', camera.url).href);
  await expect(device.streamUri('no such profile')).rejects.toMatchObject({ code: 'ONVIF_FAULT' });
});

test('a clock off by an hour is measured, and its device is talked to all the same', async () => {
  camera.device.setFault({ name: 'clock-offset', seconds: -3600 });
  const { offsetMs, uncertaintyMs } = await device.clockOffset();
  expect(Math.abs(offsetMs + 3_600_000)).toBeLessThanOrEqual(uncertaintyMs);
  await expect(device.profiles()).resolves.toHaveLength(2);
});

test('a password that was changed is refused, and accepted again when it is right', async () => {
  camera.device.setFault({ name: 'wrong-password' });
  await expect(device.profiles()).rejects.toMatchObject({ code: 'ONVIF_REFUSED' });
  await expect(device.profiles()).rejects.toThrow(/Check user name and password/);
  camera.device.clearFault('wrong-password');
  await expect(device.profiles()).resolves.toHaveLength(2);
});

test('a camera that is slow, dripping, or without power', async () => {
  const impatient = createOnvifDevice({ url: camera.url, ...credentials, timeoutMs: 700 });
  camera.device.setFault({ name: 'slow', delayMs: 3000 });
  await expect(impatient.information()).rejects.toMatchObject({ code: 'ONVIF_TIMEOUT' });
  camera.device.setFault({ name: 'slow', delayMs: 0, bytesPerSec: 40 });
  await expect(impatient.information()).rejects.toMatchObject({ code: 'ONVIF_TIMEOUT' });
  await impatient.close();
  camera.device.clearFault('slow');
  camera.device.setFault({ name: 'unplug' });
  await expect(device.information()).rejects.toMatchObject({ code: 'ONVIF_UNREACHABLE' });
  camera.device.clearFault('unplug');
  await expect(device.information()).resolves.toHaveProperty('model');
});
