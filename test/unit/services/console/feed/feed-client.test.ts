import { FEED_HELLO_MS } from '@dipper/contract/api/feed';
import { describe, expect, it, vi } from 'vitest';
import {
  createFeedClient,
  type FeedChange,
  LOST_AFTER_MS,
  SILENCE_MS,
} from '../../../../../services/console/feed/feed-client.ts';
import { createFakeSockets } from '../../../../support/page/fake-sockets.ts';
import { createManualTime } from '../../../../support/page/manual-time.ts';

function start() {
  const time = createManualTime();
  const sockets = createFakeSockets();
  const changes: FeedChange[] = [];
  const onGap = vi.fn();
  const onSignedOut = vi.fn();
  const end = new AbortController();
  const feed = createFeedClient({
    openSocket: sockets.openSocket,
    after: time.after,
    now: time.now,
    onChange: (change) => changes.push(change),
    onGap,
    onSignedOut,
    backOff: { next: () => 500, reset: () => {} },
  });
  feed.run(end.signal);
  return { time, sockets, changes, onGap, onSignedOut, feed, end };
}

function hello(cursor: string) {
  return { kind: 'hello', cursor };
}

function alarm(cursor: string) {
  return { kind: 'alarm', cursor, change: 'created', id: cursor, value: {} };
}

describe('feed client', () => {
  it('begins afresh, and has everything read once the hub has said from where on it tells', () => {
    const { sockets, onGap, feed } = start();
    expect(sockets.last().path).toMatch(/^\/api\/v1\/feed\?kinds=alarm,[a-z,-]+$/);
    expect(feed.state().phase).toBe('connecting');
    sockets.last().open();
    expect(onGap).not.toHaveBeenCalled();
    sockets.last().say(hello('7'));
    expect(onGap).toHaveBeenCalledTimes(1);
    expect(feed.state().phase).toBe('live');
  });

  it('resumes behind the last change it has seen, and reads nothing twice', () => {
    const { time, sockets, changes, onGap } = start();
    sockets.last().say(hello('7'));
    sockets.last().say(alarm('8'));
    sockets.last().end();
    time.advance(500);
    expect(sockets.last().path).toMatch(/&after=8$/);
    sockets.last().say(hello('8'));
    sockets.last().say(alarm('9'));
    expect(changes.map(({ cursor }) => cursor)).toEqual(['8', '9']);
    expect(onGap).toHaveBeenCalledTimes(1);
  });

  it('starts afresh where the hub no longer knows the cursor, and has everything read again', () => {
    const { time, sockets, onGap } = start();
    sockets.last().say(hello('7'));
    sockets.last().end(4400, 'CURSOR_INVALID');
    time.advance(500);
    expect(sockets.last().path).toMatch(/^\/api\/v1\/feed\?kinds=alarm,[a-z,-]+$/);
    sockets.last().say(hello('90'));
    expect(onGap).toHaveBeenCalledTimes(2);
  });

  it('says that it is blind, and since when, although it keeps trying', () => {
    const { time, sockets, feed } = start();
    sockets.last().say(hello('7'));
    const brokenAtMs = time.now();
    sockets.last().end();
    for (let attempt = 0; attempt < 3; attempt++) {
      time.advance(500);
      sockets.last().end();
    }
    expect(feed.state().phase).toBe('connecting');
    time.advance(LOST_AFTER_MS);
    expect(feed.state()).toEqual({ phase: 'lost', sinceMs: brokenAtMs });
    sockets.last().say(hello('7'));
    expect(feed.state().phase).toBe('live');
  });

  it('does not cry over an interruption that is over at once', () => {
    const { time, sockets, feed } = start();
    const phases: string[] = [];
    sockets.last().say(hello('7'));
    feed.subscribe(() => phases.push(feed.state().phase));
    sockets.last().end(1001);
    time.advance(500);
    sockets.last().say(hello('7'));
    time.advance(LOST_AFTER_MS);
    expect(phases).toEqual(['connecting', 'live']);
  });

  it('gives up a connection on which the hub says hello no more, and is blind since it last did', () => {
    const { time, sockets, feed } = start();
    sockets.last().say(hello('7'));
    const heardAtMs = time.now();
    const silent = sockets.last();
    time.advance(SILENCE_MS);
    expect(silent.isClosed).toBe(true);
    expect(feed.state().phase).toBe('connecting');
    time.advance(LOST_AFTER_MS);
    expect(feed.state()).toEqual({ phase: 'lost', sinceMs: heardAtMs });
    expect(SILENCE_MS + LOST_AFTER_MS).toBeLessThanOrEqual(12_000);
  });

  it('lets a quiet night be quiet, reads nothing twice for it, and resumes where the last hello was', () => {
    const { time, sockets, onGap, feed } = start();
    for (let second = 0; second < 60; second += FEED_HELLO_MS / 1_000) {
      sockets.last().say(hello(String(second)));
      time.advance(FEED_HELLO_MS);
    }
    expect(sockets.all).toHaveLength(1);
    expect(feed.state().phase).toBe('live');
    expect(onGap).toHaveBeenCalledTimes(1);
    sockets.last().end();
    time.advance(500);
    expect(sockets.last().path).toMatch(/&after=55$/);
  });

  it('stops trying when the session has ended', () => {
    const { time, sockets, onSignedOut } = start();
    sockets.last().say(hello('7'));
    sockets.last().end(4401, 'NOT_SIGNED_IN');
    time.advance(60_000);
    expect(onSignedOut).toHaveBeenCalledTimes(1);
    expect(sockets.all).toHaveLength(1);
  });

  it('closes its socket and tries no more when its owner ends it', () => {
    const { time, sockets, end, feed } = start();
    sockets.last().say(hello('7'));
    end.abort();
    expect(sockets.last().isClosed).toBe(true);
    time.advance(60_000);
    expect(sockets.all).toHaveLength(1);
    expect(feed.state().phase).toBe('stopped');
  });
});
