import { ROLES, type Role } from '@dipper/contract/api/session';
import { ERROR_CODES } from '@dipper/contract/errors';
import type { RunningHub } from '@dipper/hub/hub';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, signIn } from '../support/api-client.ts';
import { type ApiOperation, readOperations } from '../support/api-document.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeEdge, startFakeEdge } from '../support/fake-edge.ts';
import { runFuzz } from '../support/run-fuzz.ts';
import { ADMIN_PASSWORD, type HubGround, signInAs, startHubGround, startHubHere } from '../support/running-hub.ts';
import { faceCaptured, gateState } from '../support/sample-events.ts';

/** Another one is a variable away; the message of a failure names it. */
const SEED = Number(process.env['TEST_FUZZ_SEED'] ?? 20_261_124);
const ROUNDS = Number(process.env['TEST_FUZZ_ROUNDS'] ?? 4);

let ground: HubGround;
let hub: RunningHub;
let admin: ApiClient;
let edge: FakeEdge;
let operations: readonly ApiOperation[];

beforeAll(async () => {
  ground = await startHubGround();
  // Nothing may be reached from here: what a request makes the hub post to is refused.
  hub = await startHubHere(ground);
  admin = await signIn(hub.url, 'admin', ADMIN_PASSWORD);
  operations = await readOperations(hub.url);
  edge = await startFakeEdge({
    mqttUrl: ground.broker.url,
    login: ground.broker.agent('lanting-edge-1'),
    estate: 'lanting',
    agent: 'lanting-edge-1',
    hubKey: ground.hubKey,
  });
  await edge.tell([faceCaptured(edge.next()), gateState(edge.next())]);
  await eventually('a case', async () => (await admin.list('/api/v1/cases')).length > 0);
});
afterAll(async () => {
  await edge?.stop();
  await hub?.stop();
  await ground?.stop();
});

const nameOf = ({ method, path }: ApiOperation): string => `${method} ${path}`;

/** Ids of everything that lists show. */
async function knownIds(): Promise<string[]> {
  const lists = operations.filter(({ method, path }) => method === 'GET' && /^\/api\/v1\/[a-z-]+$/.test(path));
  const ids: string[] = [];
  for (const { path } of lists.filter((each) => !/accounts|sessions/.test(each.path))) {
    const answer = await admin.send('GET', path);
    if (!answer.ok || !(answer.headers.get('content-type') ?? '').includes('json')) continue;
    const { items = [] } = (await answer.json()) as { items?: { id?: unknown }[] };
    ids.push(...items.map(({ id }) => id).filter((id) => typeof id === 'string'));
  }
  return ids;
}

describe('the description of the API', () => {
  it('says of every operation what it does, how it refuses, and gives examples', () => {
    expect(operations.length).toBeGreaterThan(40);
    for (const operation of operations) {
      const name = nameOf(operation);
      expect(operation.summary?.length ?? 0, name).toBeGreaterThan(5);
      expect(operation.tags?.length, name).toBe(1);
      const isOfApi = operation.path.startsWith('/api/');
      if (isOfApi) expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(['503', 'default']));
      if (isOfApi && operation.parameters.length > 0) expect(operation.responses['400'], name).toBeDefined();
      const contents = [operation.body, ...Object.values(operation.responses).map(({ content }) => content)];
      for (const [type, media] of contents.flatMap((content) => Object.entries(content ?? {}))) {
        if (media.schema !== undefined) expect(media.example ?? media.examples, `${name} ${type}`).toBeDefined();
        if (type === 'application/problem+json') {
          expect(Object.keys(ERROR_CODES), name).toContain((media.example as { code: string }).code);
        }
      }
    }
  });

  it('gives examples that fit their own schemas', () => {
    for (const operation of operations) {
      const contents = [operation.body, ...Object.values(operation.responses).map(({ content }) => content)];
      for (const [type, { schema, example }] of contents.flatMap((content) => Object.entries(content ?? {}))) {
        if (schema === undefined || example === undefined) continue;
        const errors = Compile(schema as object).Errors(example);
        expect(
          errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
          `${nameOf(operation)} ${type}`,
        ).toEqual([]);
      }
      for (const { name, schema, example } of operation.parameters.filter((each) => each.example !== undefined)) {
        expect(Compile(schema as object).Check(example), `${nameOf(operation)} ${name}`).toBe(true);
      }
    }
  });

  it('gives examples that the running hub answers as it says', async () => {
    const known = await knownIds();
    const order = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
    const sorted = operations.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
    const statuses: Record<string, number> = {};
    for (const operation of sorted) {
      const name = nameOf(operation);
      const client = /sessions\/current|^DELETE \/api\/v1\/sessions$|\/password$|accounts\/me|totp/.test(name)
        ? await signInAs(hub.url, admin, 'supervisor')
        : admin;
      const body = operation.body?.['application/json']?.example;
      const query = operation.parameters.filter(
        (each) => each.in === 'query' && each.example !== undefined && each.required,
      );
      const found = await idFor(operation.path, known);
      const path = operation.path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
        const example = operation.parameters.find((each) => each.in === 'path' && each.name === parameter)?.example;
        return encodeURIComponent(String(found ?? example));
      });
      const search = query.map((each) => `${each.name}=${encodeURIComponent(String(each.example))}`).join('&');
      const answer = await client.send(operation.method, search === '' ? path : `${path}?${search}`, body);
      const text = await answer.text();
      statuses[name] = answer.status;
      const said = `${name} answered ${answer.status} ${text.slice(0, 200)}`;
      if (answer.ok) expect(Object.keys(operation.responses), said).toContain(String(answer.status));
      else {
        // What is not listed by its status is covered by `default`: a problem with a code that stays.
        expect(answer.headers.get('content-type'), said).toContain('application/problem+json');
        expect(Object.keys(ERROR_CODES), said).toContain((JSON.parse(text) as { code: string }).code);
        expect(answer.status, said).not.toBe(500);
      }
      const media = operation.responses[String(answer.status)]?.content?.['application/json'];
      const isJson = answer.headers.get('content-type')?.includes('json') === true;
      if (media?.schema === undefined || text === '' || !isJson) continue;
      const errors = Compile(media.schema as object).Errors(JSON.parse(text));
      expect(
        errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
        `${name} ${answer.status}`,
      ).toEqual([]);
    }
    const lists = operations
      .filter(
        (each) => 'nextCursor' in (each.responses['200']?.content?.['application/json']?.schema?.properties ?? {}),
      )
      .filter(({ path }) => !path.includes('{'))
      .map((each) => [nameOf(each), statuses[nameOf(each)]]);
    expect(lists.length).toBeGreaterThan(10);
    expect(lists.filter(([, status]) => status !== 200)).toEqual([]);
  });

  it('brings about no fault of the hub, whatever is made of it, by whomever it is sent', {
    timeout: 60_000,
  }, async () => {
    const known = await knownIds();
    const start = performance.now();
    const roles: readonly Role[] = ['guard', 'grid-worker', 'admin'];
    expect(ROLES).toEqual(expect.arrayContaining([...roles]));
    for (const [index, role] of roles.entries()) {
      const client = await signInAs(hub.url, admin, role);
      const seed = SEED + index;
      const { findings, counts, sent } = await runFuzz({
        url: hub.url,
        client,
        operations,
        known,
        seed,
        rounds: ROUNDS,
      });
      expect(findings, `as ${role}, seed ${seed}`).toEqual([]);
      expect(sent).toBeGreaterThan(40 * ROUNDS);
      // Most of it has to get past the doorkeeper of the schemas, or nothing was tried.
      if (role === 'admin')
        expect((counts[200] ?? 0) + (counts[201] ?? 0) + (counts[404] ?? 0)).toBeGreaterThan(sent / 10);
      if (process.env['TEST_LOG_LEVEL'] !== undefined) console.log(role, sent, counts);
    }
    expect((await fetch(`${hub.url}/readyz`)).status).toBe(200);
    if (process.env['TEST_LOG_LEVEL'] !== undefined) console.log(`${Math.round(performance.now() - start)} ms`);
  });
});

/** The first thing of the list that a path begins with. */
async function idFor(path: string, known: readonly string[]): Promise<string | undefined> {
  const [list] = path.split('/{');
  if (list === path || list === undefined || /accounts|sessions/.test(list)) return undefined;
  const answer = await admin.send('GET', list);
  if (!answer.ok) return undefined;
  const { items = [] } = (await answer.json()) as { items?: { id?: string }[] };
  return items[0]?.id ?? (list.includes('media') ? known[0] : undefined);
}
