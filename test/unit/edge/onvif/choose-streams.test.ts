import { chooseStreams } from '@dipper/edge/onvif/choose-streams';
import type { Profile } from '@dipper/edge/onvif/profile';
import { describe, expect, test } from 'vitest';

function profile(token: string, encoding: string | undefined, widthPx: number, heightPx: number, extra = {}): Profile {
  const base = { token, name: token, videoSourceToken: 'lens', encoding, widthPx, heightPx };
  return { ...base, frameRateFps: 25, bitrateKbps: 2048, ...extra };
}

describe('chooseStreams', () => {
  test('takes the largest H.264 profile as main and the smallest adequate one as sub, in any order', () => {
    const list = [
      profile('tiny', 'H264', 176, 144),
      profile('medium', 'H264', 1280, 720),
      profile('large', 'H264', 1920, 1080),
      profile('small', 'H264', 640, 360),
      profile('hevc', 'H265', 3840, 2160),
    ];
    for (const order of [list, list.toReversed()]) {
      const choice = chooseStreams(order);
      expect([choice.main?.token, choice.sub?.token, choice.problems]).toEqual(['large', 'small', []]);
    }
  });

  test('breaks ties by rate, then bits, then token', () => {
    const twins = [
      profile('b', 'H264', 1920, 1080),
      profile('a', 'H264', 1920, 1080),
      profile('slow', 'H264', 1920, 1080, { frameRateFps: 10, bitrateKbps: 9000 }),
      profile('s2', 'H264', 640, 360),
      profile('s1', 'H264', 640, 360),
    ];
    const choice = chooseStreams(twins);
    expect([choice.main?.token, choice.sub?.token]).toEqual(['a', 's1']);
  });

  test('takes H.265 where H.264 is much smaller, and H.264 for detection all the same', () => {
    const list = [
      profile('hevc', 'H265', 1920, 1080),
      profile('hevc-small', 'H.265', 480, 270),
      profile('small', 'H264', 640, 360),
    ];
    const choice = chooseStreams(list);
    expect([choice.main?.token, choice.sub?.token, choice.problems]).toEqual(['hevc', 'small', []]);
    const half = chooseStreams([profile('hevc', 'H265', 1280, 720), profile('half', 'H264', 640, 360)]);
    expect([half.main?.token, half.sub?.token]).toEqual(['hevc', 'half']);
    const only = chooseStreams(list.slice(0, 2));
    expect([only.main?.token, only.sub?.token, only.problems]).toEqual(['hevc', 'hevc-small', []]);
  });

  test('says that there is neither H.264 nor H.265', () => {
    const choice = chooseStreams([profile('p', 'MPEG4', 1920, 1080), profile('q', 'JPEG', 640, 480)]);
    expect(choice.main).toBeUndefined();
    expect(choice.problems[0]?.code).toBe('STREAM_CODEC_UNSUPPORTED');
    expect(choice.problems[0]?.message).toContain('MPEG4 1920x1080');
  });

  test('says that there is no video at all', () => {
    expect(chooseStreams([]).problems).toMatchObject([{ stream: 'main', code: 'STREAM_NONE' }]);
  });

  test('says why there is no sub-stream', () => {
    expect(chooseStreams([profile('m', 'H264', 1920, 1080)]).problems).toMatchObject([
      { stream: 'sub', code: 'STREAM_ONLY_ONE' },
    ]);
    const small = [profile('m', 'H264', 1920, 1080), profile('s', 'H264', 640, 360, { frameRateFps: 2 })];
    expect(chooseStreams(small).problems).toMatchObject([{ stream: 'sub', code: 'STREAM_TOO_SMALL' }]);
  });

  test('keeps to one lens, the first or the one asked for', () => {
    const list = [
      profile('a1', 'H264', 1280, 720),
      profile('a2', 'H264', 640, 360),
      profile('b1', 'H264', 3840, 2160, { videoSourceToken: 'other' }),
    ];
    expect(chooseStreams(list).main?.token).toBe('a1');
    expect(chooseStreams(list, 'other').main?.token).toBe('b1');
  });
});
