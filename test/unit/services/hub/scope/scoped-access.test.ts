import type { AccessServices } from '@dipper/hub/domains/policy/access-services';
import type { Scope } from '@dipper/hub/scope/scope';
import { scopeAccess } from '@dipper/hub/scope/scoped-access';
import { describe, expect, it } from 'vitest';

const INSIDE: Scope = { estates: ['lanting'], grids: [], places: [] };
const OUTSIDE: Scope = { estates: ['elsewhere'], grids: [], places: [] };

/** Services in which there is one thing of each kind, in one estate; what is done to it is answered with `done`. */
function servicesOf(done: string[]): AccessServices {
  const things: Readonly<Record<string, unknown>> = {
    holders: { holder: { estate: 'lanting' } },
    points: { estate: 'lanting', place: 'east-gate' },
    areas: { estate: 'lanting' },
    schedules: { estate: 'lanting' },
    passes: { pass: { estate: 'lanting' } },
  };
  const serviceOf = (noun: string) =>
    new Proxy(
      {},
      {
        get: (_, method: string) => async () => {
          if (method === 'get') return things[noun];
          done.push(`${noun}.${method}`);
          return { items: [], nextCursor: null };
        },
      },
    );
  const nouns = [
    'holders',
    'points',
    'areas',
    'schedules',
    'policies',
    'records',
    'holderImports',
    'passes',
    'invites',
    'forgiveness',
  ];
  return Object.fromEntries(nouns.map((noun) => [noun, serviceOf(noun)])) as unknown as AccessServices;
}

const places = {
  async get(id: string): Promise<never> {
    throw Object.assign(new Error(id), { code: 'NOT_FOUND' });
  },
};

describe('who may pass, as an account with a scope is served', () => {
  const callsOf = (services: AccessServices): [string, () => Promise<unknown>][] =>
    Object.entries(services).flatMap(([noun, service]) =>
      Object.entries(service as Record<string, (...args: unknown[]) => Promise<unknown>>)
        .filter(([method]) => method !== 'list')
        .map(([method, call]): [string, () => Promise<unknown>] => {
          // A link is of a holder, who is named by their id.
          const isNew = method === 'issue' || method === 'run' || (method === 'create' && noun !== 'invites');
          const args = isNew ? [{ estate: 'lanting', place: 'east-gate' }, {}] : ['id', {}, {}, {}];
          return [`${noun}.${method}`, () => call(...args)];
        }),
    );

  it('nothing is reached, and nothing done, outside of it, by whatever call', async () => {
    const done: string[] = [];
    const calls = callsOf(scopeAccess(servicesOf(done), places, () => OUTSIDE));
    expect(calls.length).toBeGreaterThan(15);
    for (const [name, call] of calls) await expect(call(), name).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(done).toEqual([]);
  });

  it('all of it is done inside', async () => {
    const done: string[] = [];
    const known = { get: async () => ({}) as never };
    const calls = callsOf(scopeAccess(servicesOf(done), known, () => INSIDE));
    for (const [, call] of calls) await call();
    expect(done.length).toBe(calls.filter(([name]) => !name.endsWith('.get')).length);
  });

  it('lists are asked with it', async () => {
    const asked: unknown[] = [];
    const list = async (query: unknown) => {
      asked.push(query);
      return { items: [], nextCursor: null };
    };
    const services = servicesOf([]);
    const withLists = Object.fromEntries(Object.keys(services).map((noun) => [noun, { list }])) as never;
    const scoped = scopeAccess(withLists, places, () => INSIDE);
    for (const service of Object.values(scoped)) if ('list' in service) await service.list({});
    expect(asked).toEqual(Array.from({ length: 7 }, () => ({ within: INSIDE })));
  });
});
