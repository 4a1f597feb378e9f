import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { LIES, startLyingCameras } from '../support/lying-cameras.ts';
import { startWatchingCamera } from '../support/watching-camera.ts';

type WatchingCamera = ReturnType<typeof startWatchingCamera>;

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
    await honest.isIn('online', 60_000);
    // Each is told the truth again as soon as its lie was found out: what one waits for is not waited for by the others.
    const causes = await Promise.all(
      liars.map(async ({ name, device, camera }) => {
        await camera.isIn('online', 60_000);
        cameras.tell(device, LIES[name]);
        const cause = await isNamed(camera);
        cameras.tell(device, undefined);
        await camera.isIn('online', 90_000);
        const before = camera.stats().decoder.frames;
        await eventually('pictures are looked at', () => camera.stats().decoder.frames > before + 3, {
          withinMs: 60_000,
        });
        return [name, cause];
      }),
    );
    const named = Object.fromEntries(causes);
    expect(named).toMatchObject({ silence: 'STREAM_TIMED_OUT', 'a time gone back': 'STREAM_TIME_STOPPED' });
    for (const cause of Object.values(named)) expect(cause).toMatch(/^(STREAM|MP4|PARAMETER|DECODER)_[A-Z_]+$/);
    // Nobody else noticed: one session from the beginning, and no cause ever.
    expect(honest.states.filter(({ cause }) => cause !== undefined)).toEqual([]);
    expect(honest.stats().streams.main?.runs).toBe(1);
  } finally {
    await Promise.all([honest, ...liars.map(({ camera }) => camera)].map((camera) => camera.stop()));
  }
}, 240_000);

/** What is wrong is known by name, whether the stream ended or what it shows cannot be decoded. */
async function isNamed({ states }: WatchingCamera): Promise<string> {
  const wrong = await eventually('it is named', () => states.find(({ cause }) => cause !== undefined), {
    withinMs: 60_000,
  });
  return wrong.cause ?? '';
}
