import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHubConfig } from '@dipper/hub/config';
import { describe, expect, it } from 'vitest';

const minimal = { HUB_DATABASE_URL: 'postgres://u:p@127.0.0.1/db', HUB_MQTT_URL: 'mqtt://127.0.0.1:1883' };

describe('the hub’s environment', () => {
  it('needs a database and a broker, and has defaults for the rest', () => {
    const config = readHubConfig({ ...minimal, PATH: '/bin', HUB_PUBLIC_URL: '' });
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8080, publicUrl: undefined, logLevel: 'info' });
    expect(config.mqtt).toMatchObject({ protocol: 4, isClientIdStable: false, sharedGroup: undefined });
    expect(config.rulesFile).toMatch(/config\/rules\.yaml$/);
    expect(() => readHubConfig({})).toThrow(/HUB_DATABASE_URL and HUB_MQTT_URL must be set/);
  });

  it('names the nearest valid name of an unknown variable', () => {
    expect(() => readHubConfig({ ...minimal, HUB_DATABSE_URL: 'x' })).toThrow(
      /HUB_DATABSE_URL is not a setting: did you mean 'HUB_DATABASE_URL'\?/,
    );
  });

  it.each([
    ['HUB_PORT', '80x'],
    ['HUB_PORT', '70000'],
    ['HUB_MQTT_PROTOCOL', '3'],
    ['HUB_MQTT_URL', 'http://broker'],
    ['HUB_MQTT_URL', 'mqtt://hub:geheim@broker'],
    ['HUB_PUBLIC_URL', 'https://host/path'],
    ['HUB_ADMIN_PASSWORD', 'short'],
    ['HUB_TRUSTED_PROXIES', 'proxy.example.cn'],
    ['HUB_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['HUB_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['HUB_TRUSTED_PROXIES', '10.0.0.1,'],
    ['HUB_TRUSTED_PROXIES', 'fe80::1%eth0'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readHubConfig({ ...minimal, [name]: value })).toThrow(new RegExp(name));
  });

  it('trusts the proxies it is told of, and otherwise those of this machine', () => {
    expect(readHubConfig(minimal).trustedProxies).toEqual(['loopback']);
    const told = { ...minimal, HUB_TRUSTED_PROXIES: 'loopback, 172.30.7.1,10.0.0.0/8, fd00::/8' };
    expect(readHubConfig(told).trustedProxies).toEqual(['loopback', '172.30.7.1', '10.0.0.0/8', 'fd00::/8']);
  });

  it('reads secrets from files, and never repeats one in an error', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'dipper-config-')), 'password');
    writeFileSync(file, 'of-the-broker\n');
    expect(readHubConfig({ ...minimal, HUB_MQTT_PASSWORD_FILE: file }).mqtt.password).toBe('of-the-broker');
    expect(() => readHubConfig({ ...minimal, HUB_MQTT_PASSWORD: 'x', HUB_MQTT_PASSWORD_FILE: file })).toThrow(
      /both set/,
    );
    for (const [name, value] of [
      ['HUB_DATABASE_URL', 'mysql://u:hunter2@host'],
      ['HUB_MQTT_URL', 'tcp://hub:hunter2@broker'],
      ['HUB_MQTT_URL', 'mqtt://hub:hunter2@broker'],
    ] as const) {
      expect(() => readHubConfig({ ...minimal, [name]: value })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      );
    }
  });
});
