import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createValidator } from '@dipper/contract/validation';
import { EdgeConfigFile } from '@dipper/edge/agent/config/config-schema';
import { readHubConfig } from '@dipper/hub/config';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeFile } from '../../support/compose-ground.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const compose = composeFile();
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
const makeSecrets = readFileSync(join(root, 'config/deploy/make-secrets.sh'), 'utf8');

/** No container engine runs where this is tested; what can be held to the code without one is. */
describe('docker-compose.yml', () => {
  it('gives the hub an environment that the hub takes, over TLS only', () => {
    const secrets: Record<string, string> = {
      HUB_DATABASE_URL: 'postgres://dipper:x@database:5432/dipper?sslmode=verify-full&sslrootcert=/run/secrets/ca',
      HUB_MQTT_PASSWORD: 'x',
    };
    const { HUB_MQTT_CA_FILE, ...environment } = compose.services['hub']?.environment ?? {};
    expect(HUB_MQTT_CA_FILE).toBe('/run/secrets/ca');
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => {
        const secret = secrets[name.replace(/_FILE$/, '')];
        return secret === undefined ? [name, value] : [name.replace(/_FILE$/, ''), secret];
      }),
    );
    const { networks } = parse(readFileSync(`${root}docker-compose.yml`, 'utf8')) as {
      networks: { default: { ipam: { config: { gateway: string }[] } } };
    };
    expect(readHubConfig(env)).toMatchObject({
      mqtt: { url: 'mqtts://broker:8883', protocol: 5, username: 'hub', password: 'x' },
      // Where the host's reverse proxy comes from, seen from inside a container.
      trustedProxies: [networks.default.ipam.config[0]?.gateway],
    });
    expect(makeSecrets).toContain(secrets['HUB_DATABASE_URL']?.replace(':x@', ':%s@'));
  });

  it('uses only secrets it declares and that are made, scripts that exist and files that are there', () => {
    for (const { secrets = [], command = '', volumes = [] } of Object.values(compose.services)) {
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const [, script = ''] of command.matchAll(/npm run ([a-z:]+)/g))
        expect(Object.keys(scripts)).toContain(script);
      for (const [file] of command.matchAll(/(?<!\/)\bconfig\/[a-z./-]+/g))
        expect(() => readFileSync(join(root, file))).not.toThrow();
      for (const volume of volumes.filter((path) => path.startsWith('./config/'))) {
        expect(() => readFileSync(join(root, volume.split(':')[0] ?? ''))).not.toThrow();
      }
    }
    for (const { file } of Object.values(compose.secrets)) {
      const name = file.replace('./secrets/', '');
      const isMade = makeSecrets.includes(name) || /^tls\/(database|broker)\.(crt|key)$/.test(name);
      expect([name, isMade]).toEqual([name, true]);
    }
  });

  it('gives the edge a configuration that the edge takes', () => {
    const text = readFileSync(join(root, 'config/deploy/edge.yaml'), 'utf8');
    expect(createValidator(EdgeConfigFile).problems(parse(text))).toEqual([]);
  });
});
