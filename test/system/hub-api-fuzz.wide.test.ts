import { ROLES, type Role } from '@dipper/contract/api/session';
import type { RunningHub } from '@dipper/hub/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { readOperations } from '../support/api-document.ts';
import { runFuzz } from '../support/run-fuzz.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';

/** A new one every day, so that over weeks more is tried than any one run could; a failure names it. */
const SEED = Number(process.env['TEST_FUZZ_SEED'] ?? Math.floor(Date.now() / 86_400_000));
const ROUNDS = 16;

let ground: HubGround;
let hub: RunningHub;
const clients = new Map<Role, ApiClient>();

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  const admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  // All of them before anything is tried: nonsense spends the sign-ins of this address.
  for (const role of ROLES) clients.set(role, await signInAs(hub.url, admin, role));
});
afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

describe('every route, by its own description', () => {
  it.each(ROLES)('brings about no fault of the hub as %s', { timeout: 120_000 }, async (role) => {
    const client = clients.get(role);
    if (client === undefined) throw new Error(`nobody is ${role}`);
    const operations = await readOperations(hub.url);
    const seed = SEED * ROLES.length + ROLES.indexOf(role);
    const { findings } = await runFuzz({ url: hub.url, client, operations, known: [], seed, rounds: ROUNDS });
    expect(findings, `seed ${seed}`).toEqual([]);
  });
});
