import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceCommand } from '@dipper/contract/api/device-command';
import type { HubKeyView } from '@dipper/contract/api/hub-key';
import type { AgentView, DeviceView, EventView } from '@dipper/contract/api/inventory';
import { COMMAND_TYPE, type CommandClaims, type ResultMessage } from '@dipper/contract/commands';
import type { StatusMessage } from '@dipper/contract/status';
import { topicOf } from '@dipper/contract/topics';
import type { RunningHub } from '@dipper/hub/hub';
import { CompactSign, decodeJwt, importJWK, type JWK } from 'jose';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { BARRIER, CAMERA, type CommandedEdge, EDGE, startCommandedEdge } from '../support/commanded-edge.ts';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { createHubSigner } from '../support/hub-signer.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';
import { STILL_PICTURE } from '../support/turning-camera.ts';

/** Two cores may be busy with much else. */
const eventually = <T>(what: string, ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> =>
  eventuallyWithin(what, ask, { withinMs: 60_000 });

interface Heard {
  readonly topic: string;
  readonly payload: Buffer;
}

let ground: HubGround;
let hub: RunningHub;
let edge: CommandedEdge;
let admin: ApiClient;
let guard: ApiClient;
/** Somebody who has taken the broker over: hears everything, and says what it likes. */
let thief: MqttClient;
const heard: Heard[] = [];

beforeAll(async () => {
  ground = await startHubGround();
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  guard = await signInAs(hub.url, admin, 'guard');
  thief = await connectAsync(ground.broker.url, { ...ground.broker.hub, clientId: 'thief' });
  thief.on('message', (topic, payload) => heard.push({ topic, payload }));
  await thief.subscribeAsync('dipper/v1/#', { qos: 1 });
  edge = await startCommandedEdge(ground);
  await gateOnline();
}, 120_000);
afterAll(async () => {
  await thief?.endAsync(true);
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

const gateOnline = () =>
  eventually('the gate at the hub', async () => {
    const { state } = await admin.get<DeviceView>(`/api/v1/devices/${BARRIER}`);
    const { items } = await admin.get<{ items: AgentView[] }>('/api/v1/agents');
    const isAgentHere = items.some(({ id, state: standing }) => id === EDGE.agent && standing === 'online');
    return isAgentHere && state?.kind === 'gate' && state.connection === 'online' && state.position === 'closed';
  });
const give = async (client: ApiClient, device: string, command: object) => {
  const answer = await client.send('POST', `/api/v1/devices/${device}/commands`, command);
  return { status: answer.status, body: (await answer.json()) as DeviceCommand & { readonly code: string | null } };
};
const openings = async (): Promise<readonly EventView[]> => {
  const told = await admin.list<EventView>(`/api/v1/events?device=${BARRIER}&type=gate.state&limit=200`);
  return told.filter(({ data }) => (data as { relay: string }).relay === 'active');
};
const challenges = (): readonly string[] => {
  const status = heard.findLast(({ topic }) => topic === topicOf('status', EDGE));
  const said = JSON.parse(String(status?.payload)) as StatusMessage;
  return said.state === 'online' ? said.challenges : [];
};
const resultOf = (id: string, from: number): ResultMessage | undefined =>
  heard
    .slice(from)
    .filter(({ topic }) => topic === topicOf('results', EDGE))
    .map(({ payload }) => JSON.parse(String(payload)) as ResultMessage)
    .find(({ command }) => command === id);
const claimsIn = ({ payload }: Heard): CommandClaims =>
  decodeJwt((JSON.parse(String(payload)) as { command: string }).command) as unknown as CommandClaims;
const gateCommands = (): Heard[] =>
  heard.filter((each) => each.topic === topicOf('commands', EDGE) && claimsIn(each).action.name === 'gate.command');

/** Publishes it, and waits until the edge has said what it makes of it. */
async function say(payload: Buffer): Promise<string | undefined> {
  const from = heard.length;
  await thief.publishAsync(topicOf('commands', EDGE), payload, { qos: 1 });
  const { id } = claimsIn({ topic: '', payload });
  const { ok, code } = await eventually(`an answer to ${id}`, () => resultOf(id, from));
  return ok ? 'carried out' : code;
}

/** Says everything that was ever said, in its order and under its topics, and waits for the answers. */
async function sayAllAgain(): Promise<(string | undefined)[]> {
  const recorded = [...heard];
  const codes: (string | undefined)[] = [];
  for (const message of recorded) {
    if (message.topic === topicOf('commands', EDGE)) codes.push(await say(message.payload));
    else await thief.publishAsync(message.topic, message.payload, { qos: 1 });
  }
  return codes;
}

describe('the guard’s hand on a gate', () => {
  it('opens it for a reason; answer, history, audit and events tell of one thing under one id', async () => {
    const { status, body } = await give(guard, BARRIER, { action: 'open', reason: 'a resident without card' });
    expect([status, body.outcome, body.code]).toEqual([201, 'done', null]);
    expect((await guard.get<DeviceView>(`/api/v1/devices/${BARRIER}`)).state).toMatchObject({ actions: ['open'] });
    expect(body.door).toMatchObject({ position: expect.stringMatching(/open|moving/) });
    const told = await eventually('events of it', async () => {
      const events = await admin.list<EventView>(`/api/v1/events?correlation=${body.id}`);
      return events.length > 0 && events;
    });
    expect(told.every(({ device }) => device === BARRIER)).toBe(true);
    const [line] = await admin.list<DeviceCommand>(`/api/v1/devices/${BARRIER}/commands`);
    expect(line).toEqual(body);
    expect(line).toMatchObject({ requestedBy: 'guard', reason: 'a resident without card' });
    const [row] = await admin.list<object>(`/api/v1/audit?action=device.command&target=${BARRIER}`);
    expect(row).toMatchObject({ account: 'guard', outcome: 'granted', reason: 'open: a resident without card' });
    await gateOnline();
  });

  it('says so when it was told and not seen to obey', async () => {
    await edge.street.estate.setFault('barrier', 'jam', {});
    const { status, body } = await give(guard, BARRIER, { action: 'open', reason: 'of a test' });
    expect([status, body.code]).toEqual([502, 'GATE_COMMAND_UNCONFIRMED']);
    const [line] = await admin.list<DeviceCommand>(`/api/v1/devices/${BARRIER}/commands`);
    expect(line).toMatchObject({ outcome: 'failed', code: 'GATE_COMMAND_UNCONFIRMED', door: { position: 'closed' } });
    const rows = await admin.list<{ outcome: string }>(`/api/v1/audit?action=device.command&target=${BARRIER}`);
    expect(rows.slice(0, 2).map(({ outcome }) => outcome)).toEqual(['GATE_COMMAND_UNCONFIRMED', 'granted']);
    await edge.street.estate.clearFault('barrier', 'jam');
    await gateOnline();
  });

  it('does what a role may and a device can, and nothing twice for one key', async () => {
    const before = gateCommands().length;
    expect(await give(guard, BARRIER, { action: 'block', reason: 'of a test' })).toMatchObject({ status: 403 });
    expect(await give(guard, CAMERA, { action: 'open', reason: 'of a test' })).toMatchObject({
      ...{ status: 409, body: { code: 'COMMAND_NOT_FOR_DEVICE' } },
    });
    expect(await give(guard, BARRIER, { action: 'open' })).toMatchObject({ status: 400 });
    expect(gateCommands()).toHaveLength(before);
    const once = () =>
      fetch(`${hub.url}/api/v1/devices/${BARRIER}/commands`, {
        method: 'POST',
        headers: {
          ...{ authorization: `Bearer ${guard.token}`, 'content-type': 'application/json' },
          'idempotency-key': '"the same gate once"',
        },
        body: JSON.stringify({ action: 'open', reason: 'of a test' }),
      });
    const answers = [await once(), await once()];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(await answers[0]?.json()).toEqual(await answers[1]?.json());
    expect(gateCommands()).toHaveLength(before + 1);
    await gateOnline();
  });

  it('moves for nobody else: not unsigned, not for another agent, not out of date, not twice, not after a restart', {
    timeout: 180_000,
  }, async () => {
    const before = (await openings()).length;
    const stranger = createHubSigner();
    const [challenge = ''] = challenges();
    const open = { name: 'gate.command', device: BARRIER, action: 'open', reason: 'let me in' } as const;
    const asked = { ...EDGE, challenge, action: open };
    expect(await say(await stranger.command(asked))).toBe('SIGNATURE_INVALID');

    const key = await importJWK(JSON.parse(readFileSync(join(ground.dir, 'signing-key.jwk'), 'utf8')) as JWK, 'EdDSA');
    const signed = async (over: Partial<CommandClaims>): Promise<Buffer> => {
      const claims: CommandClaims = {
        ...{ id: randomUUID(), issuer: 'thief', nonce: randomUUID(), ...asked },
        notBefore: new Date(Date.now() - 1_000).toISOString(),
        expiresAt: new Date(Date.now() + 15_000).toISOString(),
        ...over,
      };
      const jws = await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', typ: COMMAND_TYPE })
        .sign(key);
      return Buffer.from(JSON.stringify({ command: jws }));
    };
    const hourAgo = (ms: number): string => new Date(Date.now() - 3_600_000 + ms).toISOString();
    expect(await say(await signed({ agent: 'lanting-edge-2' }))).toBe('COMMAND_MISDIRECTED');
    expect(await say(await signed({ estate: 'jinxi' }))).toBe('COMMAND_MISDIRECTED');
    expect(await say(await signed({ notBefore: hourAgo(0), expiresAt: hourAgo(15_000) }))).toBe('COMMAND_EXPIRED');
    expect(await say(await signed({ challenge: randomUUID() }))).toBe('COMMAND_CHALLENGE_UNKNOWN');

    const again = await sayAllAgain();
    expect(again.length).toBeGreaterThan(6);
    expect(again).not.toContain('carried out');
    expect(again).toContain('COMMAND_REPLAYED');
    await edge.restart();
    await gateOnline();
    const afterRestart = await sayAllAgain();
    expect(afterRestart).not.toContain('carried out');
    expect(afterRestart).toContain('COMMAND_CHALLENGE_UNKNOWN');
    expect(afterRestart).not.toContain('COMMAND_REPLAYED');

    // What comes after all of it is the first thing to move the gate.
    await gateOnline();
    const { status, body } = await give(guard, BARRIER, { action: 'open', reason: 'of a test' });
    expect(status).toBe(201);
    const since = await eventually('the one opening', async () => {
      const told = await openings();
      return told.some(({ correlation }) => correlation === body.id) && told;
    });
    expect(since).toHaveLength(before + 1);
    await gateOnline();
  });

  it('goes on while the hub changes its key, and what the old one signed moves nothing', {
    timeout: 120_000,
  }, async () => {
    const last = gateCommands().at(-1);
    const { id } = (await (await admin.send('POST', '/api/v1/hub-keys')).json()) as HubKeyView;
    const keys = async (): Promise<AgentView | undefined> =>
      (await admin.list<AgentView>('/api/v1/agents')).find((agent) => agent.id === EDGE.agent);
    await eventually('the agent to believe both', async () => (await keys())?.hubKeys?.includes(id));
    expect((await give(guard, BARRIER, { action: 'open', reason: 'of a test' })).status).toBe(201);
    await gateOnline();
    await eventually('the hub to take the next over', async () => {
      const listed = await admin.list<HubKeyView>('/api/v1/hub-keys');
      return listed.some((key) => key.id === id && key.state === 'current');
    });
    await eventually('the agent to forget the first', async () => (await keys())?.hubKeys?.join() === id);
    expect((await give(guard, BARRIER, { action: 'open', reason: 'of a test' })).status).toBe(201);
    if (last === undefined) throw new Error('nothing was recorded');
    expect(await say(last.payload)).toBe('SIGNATURE_INVALID');
  });
});

describe('a camera', () => {
  it('gives a still of its own, on record', async () => {
    const answer = await guard.send('GET', `/api/v1/devices/${CAMERA}/snapshot`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(STILL_PICTURE);
    const [row] = await admin.list<object>(`/api/v1/audit?action=device.snapshot&target=${CAMERA}`);
    expect(row).toMatchObject({ account: 'guard', outcome: 'granted' });
  });

  it('turns on command, one line of history however long, and comes to a stand when the hub is gone', async () => {
    edge.camera.device.setFault({ name: 'ptz-runaway' });
    const move = { action: 'ptz.move', velocity: { pan: 0.2, tilt: 0, zoom: 0 } };
    const { status, body } = await give(guard, CAMERA, move);
    expect(status).toBe(201);
    expect((await give(guard, CAMERA, { ...move, continues: body.id })).body.id).toBe(body.id);
    expect(edge.camera.drive.moves).toHaveLength(2);
    const history = await admin.list<DeviceCommand>(`/api/v1/devices/${CAMERA}/commands`);
    expect(history.map(({ id, outcome }) => [id, outcome])).toEqual([[body.id, 'done']]);
    expect((await give(admin, CAMERA, { ...move, continues: body.id })).status, 'another’s movement').toBe(404);
    await hub.stop();
    await eventually('a camera that stands', () => !edge.camera.drive.isMoving);
  });
});
