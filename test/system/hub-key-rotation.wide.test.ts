import { randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolmentCode } from '@dipper/contract/api/enrolment';
import type { HubKeyView } from '@dipper/contract/api/hub-key';
import type { AgentView } from '@dipper/contract/api/inventory';
import { COMMAND_TYPE } from '@dipper/contract/commands';
import type { HubKey } from '@dipper/contract/hub-key';
import { hubKeyId } from '@dipper/contract/hub-key-id';
import { RECEIPT_TYPE } from '@dipper/contract/receipts';
import { systemClock } from '@dipper/edge/link/clock';
import { openHubKeys } from '@dipper/edge/link/hub-keys';
import { createHubTime } from '@dipper/edge/link/hub-time';
import { createLink } from '@dipper/edge/link/link';
import { openOutbox } from '@dipper/edge/link/outbox';
import type { RunningHub } from '@dipper/hub/hub';
import { CompactSign, type CryptoKey, importJWK, type JWK } from 'jose';
import { connectAsync } from 'mqtt';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { gateDraft } from '../support/drafts.ts';
import { enrolHere } from '../support/enrol-here.ts';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { temporaryFolder } from '../support/open-outbox.ts';
import { ADMIN_PASSWORD, type HubGround, startHubGround, startHubHere } from '../support/running-hub.ts';

const ESTATE = 'lanting';
/** An edge whose hub was away asks whether it is back once a minute. */
const eventually = <T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> =>
  eventuallyWithin(what, ask, { withinMs: 75_000 });

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
});
afterAll(async () => {
  await hub?.stop();
  await ground?.stop();
});

describe('the key of the hub', () => {
  const keyFileText = (): string => readFileSync(join(ground.dir, 'signing-key.jwk'), 'utf8');
  const keysOf = async (agent: string): Promise<Pick<AgentView, 'hubKeys' | 'hubKeyState'> | undefined> =>
    (await admin.list<AgentView>('/api/v1/agents')).find(({ id }) => id === agent);
  const keyInState = async (state: HubKeyView['state']): Promise<HubKeyView | undefined> =>
    (await admin.list<HubKeyView>('/api/v1/hub-keys')).find((key) => key.state === state);

  /** Brings `west-edge` in, as often as it is asked; its files are those of its first time. */
  async function enrolWest(): Promise<{
    login: { username: string; password: string };
    pinned: string;
    folder: string;
  }> {
    const folder = join(ground.dir, 'west');
    const asked = { estate: ESTATE, agent: 'west-edge' };
    const { code } = (await (await admin.send('POST', '/api/v1/enrolment-codes', asked)).json()) as EnrolmentCode;
    expect(await enrolHere(hub.url, code, join(folder, 'edge.yaml'))).toMatchObject({ exit: 0 });
    const password = readFileSync(join(folder, 'secrets', 'mqtt-password'), 'utf8').trim();
    return {
      login: { username: `${ESTATE}/west-edge`, password },
      pinned: join(folder, 'secrets', 'hub-keys.json'),
      folder,
    };
  }

  /** The real link of an agent over its real outbox and key files; ended with the test. */
  async function startLink(
    agent: string,
    login: { username: string; password: string },
    pinned: string,
    folder: string,
  ) {
    const [clock, origin] = [systemClock, { estate: ESTATE, agent }];
    const hubTime = createHubTime(clock);
    const outbox = openOutbox({ path: join(folder, `${agent}.sqlite`), origin, budgetBytes: 1e7, clock, hubTime });
    const keys = await openHubKeys({ pinned, learnt: join(folder, `${agent}-keys.json`) });
    const link = createLink({
      ...{ origin, bootId: randomUUID(), version: 'test', outbox, hubTime, clock, keys, handlers: {} },
      broker: { url: ground.broker.url, protocolVersion: 4, ...login },
      log: pino({ level: 'silent' }),
    });
    const stop = async (): Promise<void> => {
      await link.close();
      outbox.close();
    };
    onTestFinished(async () => stop().catch(() => undefined));
    return { link, outbox, keys, stop };
  }

  it('is replaced while agents work: they learn the next by the present one, and what the retired one signs moves nothing', {
    timeout: 240_000,
  }, async () => {
    const folder = temporaryFolder();
    const pinned = join(folder, 'hub.pub.jwk');
    copyFileSync(join(ground.dir, 'signing-key.pub.jwk'), pinned);
    const login = ground.broker.agent('lanting-edge-1');
    let edge = await startLink('lanting-edge-1', login, pinned, folder);
    const replaced = keyFileText();
    const old = (await importJWK(JSON.parse(replaced) as JWK, 'EdDSA')) as CryptoKey;
    const [first = ''] = edge.keys.ids();
    await eventually(
      'the agent to tell its keys',
      async () => (await keysOf('lanting-edge-1'))?.hubKeyState === 'good',
    );
    expect(await keyInState('current')).toMatchObject({ id: first });

    // Another has told its key and gone.
    const west = await enrolWest();
    const gone = await startLink('west-edge', west.login, west.pinned, west.folder);
    await eventually('the other to tell its keys', async () => (await keysOf('west-edge'))?.hubKeyState === 'good');
    await gone.stop();

    const { id: next } = (await (await admin.send('POST', '/api/v1/hub-keys')).json()) as HubKeyView;
    expect(((await (await admin.send('POST', '/api/v1/hub-keys')).json()) as { code: string }).code).toBe(
      'HUB_KEY_ROTATION_UNDER_WAY',
    );
    await eventually('the agent to believe both', () => edge.keys.ids().length === 2);
    expect(statSync(join(folder, 'lanting-edge-1-keys.json')).mode & 0o777).toBe(0o600);
    // One that is offline has told of the first key alone: the hub waits for it, until somebody decides otherwise.
    expect(await keysOf('west-edge')).toMatchObject({ hubKeys: [first], hubKeyState: 'behind' });
    expect((await admin.send('POST', `/api/v1/hub-keys/${first}/activation`)).status).toBe(404);
    expect((await admin.send('POST', `/api/v1/hub-keys/${next}/activation`)).status).toBe(200);
    await eventually('the agent to forget the first', () => edge.keys.ids().join() === next);
    expect(await keysOf('west-edge')).toMatchObject({ hubKeyState: 'lost' });
    expect(await eventually('its word', async () => (await keysOf('lanting-edge-1'))?.hubKeyState === 'good')).toBe(
      true,
    );

    // What was replaced is gone from file and database; its public half stays, for what it has signed.
    expect([keyFileText().includes(next), await keyInState('retired')]).toEqual([
      false,
      expect.objectContaining({ id: first }),
    ]);
    expect(statSync(join(ground.dir, 'signing-key.jwk')).mode & 0o777).toBe(0o600);
    expect(hubKeyId(JSON.parse(readFileSync(join(ground.dir, 'signing-key.pub.jwk'), 'utf8')) as HubKey)).toBe(next);
    expect(readFileSync(join(ground.dir, 'signing-key.retired.jwks'), 'utf8')).toContain('"keys"');

    // A copy of the hub that was down meanwhile goes by the database, not by the file that it still has.
    const stale = join(temporaryFolder(), 'signing-key.jwk');
    writeFileSync(stale, replaced, { mode: 0o600 });
    const secrets = { HUB_SECRETS_KEY_FILE: join(ground.dir, 'secrets.key') };
    const copy = await startHubHere(ground, { HUB_SIGNING_KEY_FILE: stale, ...secrets });
    await copy.stop();
    expect(readFileSync(stale, 'utf8')).toBe(keyFileText());

    // Also once the agent has been started anew, with the file that it was given in the beginning.
    await edge.stop();
    edge = await startLink('lanting-edge-1', login, pinned, folder);
    await hub.stop();
    const { link, outbox } = edge;
    await eventually('the link', () => link.figures().isConnected);
    const { epoch } = link.report(gateDraft());
    await eventually('the event to be sent', () => link.figures().sender.inFlightBatches > 0);
    const broker = await connectAsync(ground.broker.url, { ...ground.broker.hub, reconnectPeriod: 0 });
    const forge = (claims: object, typ: string): Promise<string> =>
      new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', typ }).sign(old);
    const claims = { estate: ESTATE, agent: 'lanting-edge-1', epoch, ranges: [[1, 1]] };
    const receipt = await forge({ ...claims, issuedAt: new Date().toISOString() }, RECEIPT_TYPE);
    await broker.publishAsync(`dipper/v1/${ESTATE}/lanting-edge-1/receipts`, JSON.stringify({ receipt }), { qos: 1 });
    const keys = [JSON.parse(readFileSync(pinned, 'utf8')) as HubKey].map(({ kty, crv, x }) => ({ kty, crv, x }));
    const command = await forge({ id: randomUUID(), action: { name: 'hub-keys.set', keys } }, COMMAND_TYPE);
    await broker.publishAsync(`dipper/v1/${ESTATE}/lanting-edge-1/commands`, JSON.stringify({ command }), { qos: 1 });
    await eventually('both to be refused', () => {
      const { receipts, commands } = link.figures();
      return receipts.refused.SIGNATURE_INVALID === 1 && commands.refused['SIGNATURE_INVALID'] === 1;
    });
    expect([outbox.figures().waiting, edge.keys.ids()]).toEqual([expect.any(Number), [next]]);
    expect(outbox.figures().waiting).toBeGreaterThan(0);
    await broker.endAsync(true);
    hub = await startHubHere(ground);
    admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
    await eventually('the event to be receipted by the key that counts', () => outbox.figures().waiting === 0);
  });

  it('is found again by an agent that lost it when it enrols, and changes by itself once all believe the next', async () => {
    const west = await enrolWest();
    await startLink('west-edge', west.login, west.pinned, west.folder);
    const folder = temporaryFolder();
    await startLink('lanting-edge-1', ground.broker.agent('lanting-edge-1'), west.pinned, folder);
    await eventually('both to be good', async () => {
      const states = await Promise.all(['west-edge', 'lanting-edge-1'].map(keysOf));
      return states.every((each) => each?.hubKeyState === 'good' && each.hubKeys?.length === 1);
    });
    const { id } = (await (await admin.send('POST', '/api/v1/hub-keys')).json()) as HubKeyView;
    await eventually('the hub to sign with it', async () => (await keyInState('current'))?.id === id);
    expect(await admin.list('/api/v1/audit?action=hub-key.activate')).toMatchObject([
      { target: id, account: null, reason: 'every agent believes it' },
      { account: 'admin' },
      { account: 'admin', outcome: 'NOT_FOUND' },
    ]);
    expect(await ground.dump()).not.toContain((JSON.parse(keyFileText()) as JWK).d);
  });
});
