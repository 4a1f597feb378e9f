import { thinLive } from '@dipper/edge/agent/camera/thin-live';
import { expect, it } from 'vitest';

/** Pictures with a counter: a key frame and nine that depend on it, again and again, after an init segment. */
async function* film(count: number) {
  yield { kind: 'init', counter: -1 };
  for (let counter = 0; counter < count; counter += 1) yield { kind: counter % 10 === 0 ? 'key' : 'delta', counter };
}

it('sends key frames alone while live views are given up; what is counted is what is missing', async () => {
  let shed = 0;
  let now = 0;
  const seen: number[] = [];
  const pieces = thinLive(
    film(60),
    () => now >= 14 && now < 31,
    () => void shed++,
  );
  for await (const { kind, counter } of pieces) {
    if (kind !== 'init') seen.push(counter);
    now = counter + 1;
  }
  const missing = Array.from({ length: 60 }, (_, counter) => counter).filter((counter) => !seen.includes(counter));
  // From the picture after 13 on; taken up with a key frame, although there was time again before it.
  expect(missing).toEqual([
    14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 31, 32, 33, 34, 35, 36, 37, 38, 39,
  ]);
  expect(shed).toBe(missing.length);
});
