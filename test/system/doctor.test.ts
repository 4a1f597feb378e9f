import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDatabase } from '@dipper/hub/doctor/check-database';
import { examine } from '@dipper/hub/doctor/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

let ground: HubGround;
beforeAll(async () => {
  ground = await startHubGround();
});
afterAll(() => ground?.stop());

const examined = async (env: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries((await examine({ ...ground.env, ...env }, 'v24.0.0')).map((each) => [each.code, each]));

describe('the doctor, on the embedded database and broker', () => {
  it('finds a new installation without keys and migrations, then one that is in order, and makes nothing itself', async () => {
    const before = await examined();
    expect(before).toMatchObject({
      KEY_ABSENT: { state: 'warning' },
      MIGRATIONS_PENDING: { state: 'warning' },
      CONSOLE_MISSING: { state: 'warning' },
      TIMESCALE_OK: { state: 'ok' },
      BROKER_OK: { state: 'ok' },
    });
    expect((await examined())['KEY_ABSENT']).toBeDefined();
    await (await startHubHere(ground)).stop();
    const after = Object.values(await examined());
    expect(after.filter(({ state }) => state === 'wrong')).toEqual([]);
    expect(after.map(({ code }) => code)).toEqual(expect.arrayContaining(['KEY_OK', 'MIGRATIONS_OK', 'CLOCKS_OK']));
  });

  it('sees a broker of another version, credentials that it refuses, and clocks that are apart', async () => {
    expect(await examined({ HUB_MQTT_PROTOCOL: '5' })).toMatchObject({
      BROKER_VERSION: { values: { version: 5, other: 4 } },
    });
    expect(await examined({ HUB_MQTT_PASSWORD: 'wrong' })).toMatchObject({ BROKER_CREDENTIALS: { state: 'wrong' } });
    const apart = await checkDatabase(ground.database.url, () => Date.now() + 5_000);
    expect(apart.find(({ code }) => code === 'CLOCKS_APART')?.values['ms']).toBeGreaterThan(4_000);
  });

  it('never says a secret', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dipper-doctor-'));
    const said = JSON.stringify([
      await examined({ HUB_DATABASE_URL: ground.database.url.replace(/:\d+\//, ':1/') }),
      await examined({ HUB_CONSOLE_DIR: dir, HUB_PLACES_FILE: dir }),
    ]);
    rmSync(dir, { recursive: true });
    for (const name of ['HUB_MQTT_PASSWORD', 'HUB_ADMIN_PASSWORD']) expect(said).not.toContain(ground.env[name]);
    expect(said).not.toContain(new URL(ground.database.url).password);
  });
});
