import { modelsDir } from '@dipper/models/ensure-models';
import { MANIFEST, parseManifest } from '@dipper/models/manifest';
import { describe, expect, test } from 'vitest';

function altered(change: (model: Record<string, unknown>) => void): unknown {
  const copy = structuredClone(MANIFEST) as unknown as {
    sets: Record<string, Record<string, Record<string, unknown>>>;
  };
  const model = copy.sets['face-capture']?.['face-landmarks'];
  if (model === undefined) throw new Error('the manifest has no landmarks');
  change(model);
  return copy;
}

describe('the manifest', () => {
  test('is valid, and gives the range of each input as its offset and divisor say', () => {
    for (const model of Object.values(MANIFEST.sets).flatMap((set) => Object.values(set))) {
      for (const { offset, divisor, range } of model.inputs) {
        const channels = [offset].flat().map((from, channel) => [from, [divisor].flat()[channel] as number] as const);
        const [low, high] = [0, 255].map((value) => channels.map(([from, by]) => (value - from) / by));
        expect(range).toEqual([Math.min(...(low ?? [])), Math.max(...(high ?? []))]);
      }
    }
  });

  test.each([
    ['a path that leads out of the package', (model) => Object.assign(model, { path: 'model/../../etc/passwd' })],
    ['an absolute path', (model) => Object.assign(model, { path: '/etc/passwd' })],
    ['a hash that is none', (model) => Object.assign(model, { sha256: 'abc' })],
    ['a package that is not listed', (model) => Object.assign(model, { package: 'other' })],
    ['a field it does not know', (model) => Object.assign(model, { extra: 1 })],
    [
      'a preparation without the hash of its result',
      (model) => {
        Object.assign(model, { preparation: { steps: [{ name: 'zero-denormals', threshold: 1e-15 }] } });
      },
    ],
  ] satisfies [string, (model: Record<string, unknown>) => void][])('refuses %s', (_what, change) => {
    expect(() => parseManifest(altered(change))).toThrow(/^models\/manifest\.json: /);
  });
});

test('the models lie in DIPPER_MODELS_DIR, else in the data folder', () => {
  expect(modelsDir({ DIPPER_MODELS_DIR: '/m', DIPPER_DATA: '/d' })).toBe('/m');
  expect(modelsDir({ DIPPER_DATA: '/d' })).toBe('/d/models');
  expect(modelsDir({})).toMatch(/\/data\/models$/);
});
