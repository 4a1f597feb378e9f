import { setTimeout as delay } from 'node:timers/promises';
import type { FeedKind, FeedMessage } from '@dipper/contract/api/feed';
import type { Role } from '@dipper/contract/api/session';
import { DipperError } from '@dipper/contract/errors';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { type EventSpan, spanFromName, spanName } from '../../../../../../services/hub/domains/event/event-span.ts';
import { type FeedStreamOptions, streamFeed } from '../../../../../../services/hub/domains/feed/feed-stream.ts';
import type { Change } from '../../../../../../services/hub/services.ts';
import { createFakeSocket } from '../../../../../support/fake-socket.ts';

/** Every row of kind `event` tells of so many. */
const SPAN_EVENTS = 2;

const spanOf = (agent: string): string =>
  spanName({
    agent,
    epoch: '0a0a0a0a-0000-4000-8000-000000000000',
    first: 1,
    last: SPAN_EVENTS,
    oldestMs: 0,
    newestMs: 0,
  });

/** A table of changes in memory; its cursors are positions. */
function openFeed(roles: readonly Role[], after?: string, helloEveryMs = 60_000, kinds?: readonly FeedKind[]) {
  const changes: Change[] = [];
  const listeners = new Set<() => void>();
  const read = vi.fn(async (cursor: string, limit: number) => {
    if (!/^\d+$/.test(cursor)) throw new DipperError('CURSOR_INVALID');
    return changes.slice(Number(cursor), Number(cursor) + limit);
  });
  const findMany = async (ids: readonly string[]) => ids.filter((id) => id !== 'gone').map((id) => ({ id }));
  const findSpans = async (names: readonly string[]) =>
    names.flatMap((name) => {
      const { agent, epoch, first } = spanFromName(name) as EventSpan;
      return Array.from({ length: SPAN_EVENTS }, (_, index) => ({
        ...{ id: `${agent} ${first + index}`, agent, epoch, sequence: first + index },
      }));
    });
  const services = {
    changes: {
      head: async () => String(changes.length),
      read,
      onChange(listener: () => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    ...Object.fromEntries(
      ['alarms', 'incidents', 'cases', 'events', 'devices', 'agents'].map((noun) => [noun, { findMany, findSpans }]),
    ),
  } as unknown as FeedStreamOptions['services'];
  const socket = createFakeSocket();
  const principal = { roles } as FeedStreamOptions['principal'];
  const logger = pino({ level: 'silent' });
  const ended = streamFeed({ services, principal, socket: socket.asWebSocket(), after, kinds, helloEveryMs, logger });
  return {
    read,
    socket,
    ended,
    listeners,
    commit(kind: Change['kind'], ...ids: string[]) {
      for (const name of ids) {
        const id = kind === 'event' ? spanOf(name) : name;
        changes.push({ cursor: String(changes.length + 1), kind, id, change: 'created' });
      }
      for (const listener of listeners) listener();
    },
    told: () => socket.sent.map((text) => JSON.parse(String(text)) as FeedMessage),
    async settle() {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    },
  };
}

describe('the feed of one reader', () => {
  it('tells more than one batch in order, and what is committed while it reads', async () => {
    const feed = openFeed(['admin']);
    await feed.settle();
    const ids = Array.from({ length: 600 }, (_, index) => `event-${index}`);
    feed.commit('event', ...ids);
    feed.commit('event', 'while-reading');
    await vi.waitFor(() => expect(feed.told()).toHaveLength(1 + 601 * SPAN_EVENTS));
    const [hello, ...messages] = feed.told();
    expect(hello).toEqual({ kind: 'hello', cursor: '0' });
    expect(messages.map((message) => message.kind === 'event' && message.id)).toEqual(
      [...ids, 'while-reading'].flatMap((agent) => [`${agent} 1`, `${agent} 2`]),
    );
    expect(messages.slice(0, 4).map(({ cursor }) => cursor)).toEqual(['0.1', '1', '1.1', '2']);
    expect(messages.at(-1)?.cursor).toBe('601');
  });

  it('goes on within a run of events where its reader left it', async () => {
    const feed = openFeed(['admin'], '1.1');
    feed.commit('event', 'before', 'within', 'behind');
    await vi.waitFor(() => expect(feed.told()).toHaveLength(4));
    expect(feed.told().map((message) => message.kind === 'event' && [message.id, message.cursor])).toEqual([
      false,
      ['within 2', '2'],
      ['behind 1', '2.1'],
      ['behind 2', '3'],
    ]);
  });

  it('keeps what a role may not read, and what is gone already, to itself', async () => {
    const feed = openFeed(['grid-worker'], '0');
    feed.commit('event', 'secret');
    feed.commit('agent', 'secret');
    feed.commit('case', 'mine', 'gone');
    await vi.waitFor(() => expect(feed.told()).toHaveLength(2));
    expect(feed.told()[1]).toMatchObject({ kind: 'case', id: 'mine', cursor: '3' });
  });

  it('tells only of the kinds that its reader asked for, and of the cursor behind the others', async () => {
    const feed = openFeed(['admin'], '0', 40, ['alarm']);
    feed.commit('event', 'unasked');
    feed.commit('alarm', 'asked');
    feed.commit('case', 'unasked');
    await vi.waitFor(() => expect(feed.told().at(-1)).toEqual({ kind: 'hello', cursor: '3' }));
    expect(feed.told().filter(({ kind }) => kind !== 'hello')).toMatchObject([
      { kind: 'alarm', id: 'asked', cursor: '2' },
    ]);
  });

  it('waits for a slow reader instead of filling memory', async () => {
    const feed = openFeed(['admin'], '0');
    feed.socket.bufferedAmount = 10 * 1024 * 1024;
    feed.commit('event', ...Array.from({ length: 500 }, (_, index) => `event-${index}`));
    await delay(300);
    expect(feed.told().length).toBeLessThan(250);
    feed.socket.bufferedAmount = 0;
    await vi.waitFor(() => expect(feed.told()).toHaveLength(1 + 500 * SPAN_EVENTS));
  });

  it('stays open while the database is away', async () => {
    const feed = openFeed(['admin'], '0');
    feed.read.mockRejectedValueOnce(new DipperError('DATABASE_UNAVAILABLE'));
    feed.commit('alarm', 'one');
    await vi.waitFor(() => expect(feed.told()).toMatchObject([{ kind: 'hello' }, { kind: 'alarm', id: 'one' }]), 4_000);
    expect(feed.socket.closed).toBeUndefined();
  });

  it('says hello again while there is nothing to tell, with the cursor behind what was kept from the reader', async () => {
    const feed = openFeed(['grid-worker'], '0', 40);
    await vi.waitFor(() => expect(feed.told()).toHaveLength(2));
    feed.commit('event', 'secret');
    await vi.waitFor(() => expect(feed.told().at(-1)).toEqual({ kind: 'hello', cursor: '1' }));
    expect(new Set(feed.told().map(({ kind }) => kind))).toEqual(new Set(['hello']));
  });

  it('says nothing while the database is away: its reader is blind and has to know', async () => {
    const feed = openFeed(['admin'], '0', 40);
    await vi.waitFor(() => expect(feed.told()).toHaveLength(2));
    feed.read.mockRejectedValue(new DipperError('DATABASE_UNAVAILABLE'));
    await delay(50);
    const before = feed.told().length;
    await delay(200);
    expect(feed.told()).toHaveLength(before);
  });

  it('ends with the code of what went wrong, and leaves nothing behind when its reader goes', async () => {
    const strange = openFeed(['admin'], 'nonsense');
    await strange.ended;
    expect(strange.socket.closed).toEqual({ code: 4400, reason: 'CURSOR_INVALID' });
    const feed = openFeed(['admin']);
    await feed.settle();
    feed.socket.close(1000);
    await feed.ended;
    expect(feed.listeners.size).toBe(0);
  });
});
