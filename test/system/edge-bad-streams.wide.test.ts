import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { LIES, startLyingCameras } from '../support/lying-cameras.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

it('cameras that lie, send garbage, fall silent or go back in time are named, disturb no other, and come back by themselves', async () => {
  const names = Object.keys(LIES) as (keyof typeof LIES)[];
  await using cameras = await startLyingCameras(['honest', ...names.map((_, place) => `liar-${place}`)]);
  const watch = (device: string) => {
    const stream = cameras.access(device);
    return startWatchingCamera({ device, find: async () => ({ main: stream, sub: stream }), blipMs: 60_000 });
  };
  const honest = watch('honest');
  const liars = names.map((name, place) => ({ name, device: `liar-${place}`, camera: watch(`liar-${place}`) }));
  try {
    for (const { camera } of [{ camera: honest }, ...liars]) await camera.isIn('online', 60_000);
    for (const { name, device } of liars) cameras.tell(device, LIES[name]);
    const causes: Record<string, string> = {};
    for (const { name, camera } of liars) {
      if (name === 'a time gone back') continue;
      // What is wrong is known by name, whether the stream ended or what it shows cannot be decoded.
      const state = await eventually(`${name} is named`, () => camera.states.find(({ cause }) => cause !== undefined), {
        withinMs: 60_000,
      });
      causes[name] = state.cause ?? '';
    }
    expect(causes['silence']).toBe('STREAM_TIMED_OUT');
    for (const cause of Object.values(causes)) expect(cause).toMatch(/^(STREAM|MP4|PARAMETER|DECODER)_[A-Z_]+$/);
    const back = liars.find(({ name }) => name === 'a time gone back');
    await eventually(
      'the one that went back goes on',
      () => {
        const units = back?.camera.stats().streams.main?.units ?? 0;
        return units > 45 && back?.camera.states.at(-1)?.connection === 'online';
      },
      { withinMs: 60_000 },
    );

    for (const { device } of liars) cameras.tell(device, undefined);
    for (const { camera } of liars) {
      await camera.isIn('online', 90_000);
      const before = camera.stats().decoder.frames;
      await eventually('pictures are looked at', () => camera.stats().decoder.frames > before + 3, {
        withinMs: 60_000,
      });
    }
    // Nobody else noticed: one session from the beginning, and no cause ever.
    expect(honest.states.filter(({ cause }) => cause !== undefined)).toEqual([]);
    expect(honest.stats().streams.main?.runs).toBe(1);
  } finally {
    await Promise.all([honest, ...liars.map(({ camera }) => camera)].map((camera) => camera.stop()));
  }
}, 240_000);
