import { describe, expect, test } from 'vitest';
import { onAnyPorts, parseConfig, readConfigFile } from '../../../../../services/simulator/config/config.ts';

const camera = { id: 'cam', kind: 'camera', httpPort: 0, username: 'u', password: 'p%40:/?#' };
const valid = { rtspPort: 0, controlPort: 0, devices: [camera] };
const sources = { env: { SECRET: 's3' }, folder: '/nowhere' };

describe('parseConfig', () => {
  test('fills in defaults and keeps passwords as they are', async () => {
    expect(await parseConfig(valid, sources)).toEqual({
      ...{ host: '127.0.0.1', rtspPort: 0, controlPort: 0, scene: 'people', discovery: false, timeline: [] },
      devices: [camera],
    });
  });

  test('reads a password from the environment and leaves no trace of where it came from', async () => {
    const { password: _, ...rest } = camera;
    const config = await parseConfig({ ...valid, devices: [{ ...rest, passwordEnv: 'SECRET' }] }, sources);
    expect(config.devices[0]).toEqual({ ...rest, password: 's3' });
  });

  test.each([
    ['an unknown key', { ...valid, rtspport: 1 }, 'CONFIG_INVALID', 'rtspport'],
    ['an unknown key of a device', { ...valid, devices: [{ ...camera, port: 1 }] }, 'CONFIG_INVALID', 'port'],
    ['a host that others could reach', { ...valid, host: '0.0.0.0' }, 'CONFIG_INVALID', '/host'],
    ['a port out of range', { ...valid, rtspPort: 70_000 }, 'CONFIG_INVALID', '/rtspPort'],
    ['two devices of one id', { ...valid, devices: [camera, camera] }, 'CONFIG_INVALID', 'cam'],
    ['two passwords', { ...valid, devices: [{ ...camera, passwordEnv: 'SECRET' }] }, 'CONFIG_INVALID', 'exactly one'],
    [
      'no such variable',
      { ...valid, devices: [{ ...camera, password: undefined, passwordEnv: 'NOPE' }] },
      'PASSWORD_MISSING',
      'NOPE',
    ],
    [
      'no such file',
      { ...valid, devices: [{ ...camera, password: undefined, passwordFile: 'nope' }] },
      'PASSWORD_MISSING',
      'nope',
    ],
    [
      'an unknown fault',
      { ...valid, timeline: [{ atSec: 1, device: 'cam', fault: 'burn' }] },
      'CONFIG_INVALID',
      '/timeline/0',
    ],
    [
      'a fault without its options',
      { ...valid, timeline: [{ atSec: 1, device: 'cam', fault: 'slow', options: { x: 1 } }] },
      'CONFIG_INVALID',
      'x',
    ],
    [
      'a timeline of another device',
      { ...valid, timeline: [{ atSec: 1, device: 'x', fault: 'cover' }] },
      'CONFIG_INVALID',
      'x',
    ],
  ])('refuses %s', async (_, value, code, named) => {
    const error = await parseConfig(JSON.parse(JSON.stringify(value)), sources).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(named) });
  });
});

test('the sample configuration is valid', async () => {
  const config = await readConfigFile('config/simulator.yaml', sources);
  expect(config.devices.map(({ kind }) => kind)).toEqual(['camera', 'barrier']);
  expect(onAnyPorts(config)).toMatchObject({
    rtspPort: 0,
    controlPort: 0,
    devices: [{ httpPort: 0 }, { httpPort: 0 }],
  });
});
