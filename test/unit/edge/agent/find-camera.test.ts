import type { CameraConfig } from '@dipper/edge/agent/config/read-config';
import { createCameraFinder } from '@dipper/edge/agent/find-camera';
import pino from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import {
  envelope,
  fault,
  type HostileSoapServer,
  profile,
  profiles,
  reply,
  startHostileSoapServer,
} from '../../../support/hostile-soap-server.ts';

let device: HostileSoapServer;
beforeEach(async () => {
  device = await startHostileSoapServer();
  // As a device does: the address names the profile that was asked for.
  device.answer('GetStreamUri', ({ request, response }) => {
    const token = /ProfileToken>([^<]+)</.exec(request.body)?.[1];
    const uri = `<trt:MediaUri><tt:Uri>rtsp://127.0.0.1:554/${token}</tt:Uri></trt:MediaUri>`;
    response.end(envelope(`<trt:GetStreamUriResponse>${uri}</trt:GetStreamUriResponse>`));
  });
});
afterEach(() => device.close());

function find(streams: CameraConfig['streams'] = {}, onInformation?: Parameters<typeof createCameraFinder>[3]) {
  const owner = new AbortController();
  onTestFinished(() => owner.abort());
  const onvif = { url: device.url, username: 'dipper', password: 'p%40:/?#' };
  const config: CameraConfig = {
    ...{ id: 'gate-face', place: 'gate', onvif, streams, motion: {}, patrols: false, capture: { faces: true } },
    ...{ events: false, clock: 'compensate', quirks: [] },
  };
  return createCameraFinder(config, pino({ enabled: false }), owner.signal, onInformation)(owner.signal);
}

test('the device is asked for its streams and for what it is; credentials stay apart from the address', async () => {
  const login = { username: 'dipper', password: 'p%40:/?#' };
  const told: unknown[] = [];
  expect(await find({}, (information) => told.push(information))).toEqual({
    main: { url: 'rtsp://127.0.0.1:554/main', ...login },
    sub: { url: 'rtsp://127.0.0.1:554/sub', ...login },
    model: 'Plain C1',
    firmware: '1.10',
  });
  expect(told).toMatchObject([{ model: 'C1', serialNumber: '0042' }]);
});

test('what the configuration chooses goes before what the device would', async () => {
  const { main, sub } = await find({ main: { profile: 'sub' }, sub: { url: 'rtsp://192.0.2.1/second' } });
  expect([main.url, sub.url]).toEqual(['rtsp://127.0.0.1:554/sub', 'rtsp://192.0.2.1/second']);
  expect(device.requests.map(({ name }) => name)).not.toContain('GetProfiles');
});

test('a device with one stream serves both ends with it', async () => {
  device.answer('GetProfiles', reply(profiles(profile('only', 'lens', 1920, 1080))));
  const { main, sub } = await find();
  expect(sub).toEqual(main);
});

test('a device without a codec that we keep is told by its code, and one that says nothing of itself is watched all the same', async () => {
  device.answer('GetDeviceInformation', reply(fault('ActionNotSupported', 'no'), 400));
  expect(await find()).not.toHaveProperty('model');
  device.answer('GetProfiles', reply(profiles(profile('main', 'lens', 1920, 1080, 'JPEG'))));
  await expect(find()).rejects.toMatchObject({ code: 'STREAM_CODEC_UNSUPPORTED' });
});
