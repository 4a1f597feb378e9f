import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHubConfig } from '@dipper/hub/config';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const compose = parse(readFileSync(`${root}docker-compose.yml`, 'utf8')) as {
  services: Record<
    string,
    { environment?: Record<string, string>; secrets?: string[]; command?: string; volumes?: string[] }
  >;
  secrets: Record<string, { file: string }>;
  networks: { default: { ipam: { config: { subnet: string; gateway: string }[] } } };
};
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };

/** No container engine runs where this is tested; what can be held to the code without one is. */
describe('docker-compose.yml', () => {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-compose-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('gives the hub an environment that the hub takes', () => {
    const secrets = { 'database-url': 'postgres://dipper:x@database/dipper', 'hub-mqtt-password': 'x' };
    for (const [name, value] of Object.entries(secrets)) writeFileSync(join(dir, name), value);
    const env = Object.fromEntries(
      Object.entries(compose.services['hub']?.environment ?? {}).map(([name, value]) => [
        name,
        value.replace('/run/secrets', dir),
      ]),
    );
    const config = readHubConfig(env);
    expect(config).toMatchObject({
      databaseUrl: secrets['database-url'],
      mqtt: { protocol: 5, username: 'hub', password: 'x' },
      // Where the host's reverse proxy comes from, seen from inside a container.
      trustedProxies: [compose.networks.default.ipam.config[0]?.gateway],
    });
  });

  it('uses only secrets it declares, scripts that exist and files that are there', () => {
    for (const { secrets = [], command = '', volumes = [] } of Object.values(compose.services)) {
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const [, script = ''] of command.matchAll(/npm run ([a-z:]+)/g))
        expect(Object.keys(scripts)).toContain(script);
      for (const volume of volumes.filter((path) => path.startsWith('./config/'))) {
        expect(() => readFileSync(join(root, volume.split(':')[0] ?? ''))).not.toThrow();
      }
    }
  });
});
