import { encodeLiveFrame } from '@dipper/contract/uplink';
import { describe, expect, it, vi } from 'vitest';
import { clustersOf, marksOf } from '../../../../../services/console/recordings/event-marks.ts';
import { createPlaybackClock } from '../../../../../services/console/recordings/playback-clock.ts';
import { connectPlayback, FIRST_PICTURE_MS } from '../../../../../services/console/recordings/playback-connection.ts';
import { playbackStateOf } from '../../../../../services/console/recordings/playback-state.ts';
import { bytesWithin, neighboursOf } from '../../../../../services/console/recordings/recorded-spans.ts';
import { createFakeSockets } from '../../../../support/page/fake-sockets.ts';
import { createManualTime } from '../../../../support/page/manual-time.ts';

describe('which instant a media time shows', () => {
  it('knows it picture by picture, also over a gap that is played in one piece', () => {
    const clock = createPlaybackClock();
    expect(clock.instantOf(0)).toBeUndefined();
    clock.appended(0.5, 10_000);
    clock.appended(1, 10_500);
    // An hour is missing; the media time goes on.
    clock.appended(1.5, 3_610_000);
    expect(clock.instantOf(0.6)).toBe(10_600);
    expect(clock.instantOf(1.25)).toBe(3_610_250);
    expect(clock.mediaSecOf(10_700)).toBeCloseTo(0.7);
    expect(clock.mediaSecOf(3_610_100)).toBeCloseTo(1.1);
    expect(clock.mediaSecOf(3_610_600)).toBeUndefined();
    // What was asked for in the gap is the last picture before it.
    expect(clock.instantOf(clock.mediaSecOf(60_000) ?? 0)).toBeLessThan(11_000);
    clock.forget(1);
    expect(clock.instantOf(0.6)).toBe(3_610_000);
  });
});

describe('a run of recorded pictures', () => {
  const start = () => {
    const time = createManualTime();
    const sockets = createFakeSockets();
    const end = new AbortController();
    const told = { onHeader: vi.fn(), onFrame: vi.fn(), onEnd: vi.fn(), onLost: vi.fn() };
    const options = { path: '/p', openSocket: sockets.openSocket, after: time.after, signal: end.signal, ...told };
    const connection = connectPlayback(options);
    return { time, socket: sockets.last(), end, connection, ...told };
  };

  it('asks for more, and tells where the next begins when it is over', () => {
    const { socket, connection, onHeader, onFrame, onEnd, onLost } = start();
    socket.open();
    socket.say({ kind: 'playback', device: 'cam', mime: 'video/mp4', widthPx: 1, heightPx: 1 });
    socket.send(encodeLiveFrame('key', 5, new Uint8Array([1])));
    connection.askUntil(Date.parse('2026-11-24T00:00:20Z'));
    socket.say({ kind: 'end', nextAt: '2026-11-24T01:00:00.000Z', code: null });
    socket.end(1000);
    expect(onHeader).toHaveBeenCalledWith('video/mp4');
    expect(onFrame).toHaveBeenCalledWith({ kind: 'key', atMs: 5, content: new Uint8Array([1]) });
    expect(socket.heard).toEqual([{ kind: 'more', until: '2026-11-24T00:00:20.000Z' }]);
    expect(onEnd).toHaveBeenCalledWith({ nextAtMs: Date.parse('2026-11-24T01:00:00Z'), code: undefined });
    expect(onLost).not.toHaveBeenCalled();
  });

  it('names why it was lost: the hub’s word, silence, or a line that was cut', () => {
    const refused = start();
    refused.socket.end(4404, 'RECORDING_MISSING');
    expect(refused.onLost).toHaveBeenCalledWith('RECORDING_MISSING');
    const silent = start();
    silent.socket.open();
    silent.time.advance(FIRST_PICTURE_MS);
    expect(silent.onLost).toHaveBeenCalledWith('COMMAND_TIMEOUT');
    const cut = start();
    cut.socket.end();
    expect(cut.onLost).toHaveBeenCalledWith('HUB_UNREACHABLE');
    const closed = start();
    closed.end.abort();
    expect(closed.onLost).not.toHaveBeenCalled();
  });
});

describe('what is said about a recording', () => {
  const facts = {
    atMs: 1,
    hasPicture: true,
    isPaused: false,
    isDry: true,
    end: undefined,
    problem: undefined,
    retries: false,
  };

  it('shows what has come to its end before it speaks of what does not come', () => {
    const lost = { ...facts, problem: 'AGENT_OFFLINE', retries: true };
    expect(playbackStateOf({ ...lost, isDry: false }).kind).toBe('playing');
    expect(playbackStateOf(lost)).toEqual({ kind: 'failed', atMs: 1, problem: 'AGENT_OFFLINE', retries: true });
    expect(playbackStateOf(facts).kind).toBe('waiting');
    expect(playbackStateOf({ ...facts, end: { nextAtMs: 9, code: undefined } })).toMatchObject({
      kind: 'over',
      nextAtMs: 9,
    });
    expect(playbackStateOf({ ...facts, hasPicture: false, problem: 'RECORDING_MISSING' }).kind).toBe('over');
    expect(playbackStateOf({ ...facts, hasPicture: false }).kind).toBe('connecting');
  });

  it('finds the recordings on both sides of a gap, and how much of them lies in a range', () => {
    const spans = [
      { fromMs: 0, untilMs: 100, bytes: 1_000 },
      { fromMs: 200, untilMs: 300, bytes: 10_000 },
    ];
    expect(neighboursOf(spans, 150)).toEqual({ nextMs: 200, previousEndMs: 100 });
    expect(neighboursOf(spans, 250)).toEqual({ nextMs: 250, previousEndMs: 100 });
    expect(neighboursOf(spans, 300)).toEqual({ nextMs: undefined, previousEndMs: 300 });
    expect(bytesWithin(spans, { fromMs: 50, untilMs: 210 })).toBe(1_500);
  });

  it('marks moments, not figures and ends, and puts the most urgent on top where they lie together', () => {
    const at = (sec: number): string => new Date(sec * 1_000).toISOString();
    const event = (id: string, type: string, sec: number, data: object = {}) => ({
      id,
      type,
      occurredAt: at(sec),
      data,
    });
    const marks = marksOf(
      [
        event('1', 'face.captured', 10),
        event('2', 'person.counted', 11),
        event('3', 'gate.forced', 12, { phase: 'ended' }),
        event('4', 'vehicle.seen', 60),
        event('7', 'plate.read', 61, { plate: '京A12345', votes: 3 }),
        event('8', 'access.denied', 62, { accessPoint: 'east-in', factors: ['card'], reason: 'PERMIT_EXPIRED' }),
        event('5', 'something.new', 90),
      ],
      [{ id: '6', title: { zh: '甲', en: 'A' }, raisedAt: at(14) }],
    );
    expect(marks.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      '1 people',
      '6 alarm',
      '4 vehicle',
      '7 vehicle',
      '8 passage',
      '5 other',
    ]);
    expect(marks.find(({ id }) => id === '7')).toMatchObject({ what: 'plate.read', detail: '京A12345' });
    expect(marks.find(({ id }) => id === '8')).toMatchObject({ what: 'access.denied', reason: 'PERMIT_EXPIRED' });
    expect(clustersOf(marks, 5_000).map(({ kind, marks: together }) => [kind, together.length])).toEqual([
      ['alarm', 2],
      ['passage', 3],
      ['other', 1],
    ]);
  });
});
